"""The guard of rows that are written once. Database triggers say the same below the model."""

from typing import Any, NoReturn, TypeVar

from django.db import models

_Row = TypeVar("_Row", bound=models.Model)


class AppendOnlyError(TypeError):
    """Code tried to change or delete a row that is written once."""


def _refuse(model: type[models.Model]) -> NoReturn:
    message = f"{model._meta.verbose_name_plural} are written once; they are never changed"
    raise AppendOnlyError(message)


class AppendOnlyQuerySet(models.QuerySet[_Row]):
    """A query set that reads and inserts, and refuses everything else."""

    def update(self, **kwargs: Any) -> NoReturn:  # noqa: ANN401, ARG002 - Django's signature
        """Refuse."""
        _refuse(self.model)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401, ARG002 - Django's signature
        """Refuse."""
        _refuse(self.model)

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[_Row]:  # noqa: ANN401 - Django's signature
        """Insert; refuse to write over a stored row where the two collide."""
        if kwargs.get("update_conflicts"):
            _refuse(self.model)
        return super().bulk_create(*args, **kwargs)

    def delete(self) -> NoReturn:
        """Refuse."""
        _refuse(self.model)


class AppendOnlyModel(models.Model):
    """A row that can be inserted and read."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        """Only its children are tables."""

        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        """Insert; refuse to write over a stored row."""
        if not self._state.adding:
            _refuse(type(self))
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401, ARG002 - Django's signature
        """Refuse."""
        _refuse(type(self))
