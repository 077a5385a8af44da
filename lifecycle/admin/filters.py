"""Filters of the audit lists that ask no table for its distinct values."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from lifecycle.access.roles import audited_worlds
from lifecycle.codec.events import KINDS
from lifecycle.usecases.clock import utc_now, utc_text

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin

_SPANS: Final = {
    "day": (1, "Past 24 hours"),
    "week": (7, "Past 7 days"),
    "month": (30, "Past 30 days"),
}
_DAYS: Final = ("from_day", "to_day")


class WorldFilter(admin.SimpleListFilter):
    """Rows of one world, of those that the account may see."""

    title = "world"
    parameter_name = "world"

    def lookups(self, request: HttpRequest, model_admin: _ModelAdmin) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """List the worlds."""
        slugs = audited_worlds(request.user).values_list("slug", flat=True)
        return [(slug, slug) for slug in slugs]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":  # noqa: ARG002 - Django's signature
        """Keep the rows of the chosen world."""
        slug = self.value()
        return queryset if slug is None else queryset.filter(world__slug=slug)


class EventKindFilter(admin.SimpleListFilter):
    """Events of one kind."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: _ModelAdmin) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """List the kinds that a journal holds."""
        return [(kind, kind) for kind in sorted(KINDS.values())]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":  # noqa: ARG002 - Django's signature
        """Keep the events of the chosen kind."""
        kind = self.value()
        return queryset if kind is None else queryset.filter(kind=kind)


class _RecentFilter(admin.SimpleListFilter):
    """Rows of the last days, by a column that holds RFC 3339 text, which sorts like the time."""

    column: str
    title = "date"
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: _ModelAdmin) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """List the spans."""
        return [(name, title) for name, (_, title) in _SPANS.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":  # noqa: ARG002 - Django's signature
        """Keep the rows of the chosen span."""
        span = _SPANS.get(self.value() or "")
        if span is None:
            return queryset
        since = utc_text(utc_now() - timedelta(days=span[0]))
        return queryset.filter(**{f"{self.column}__gte": since})


class _DaysFilter(admin.ListFilter):
    """Rows from one day to another, both included, by a column that holds RFC 3339 text."""

    column: ClassVar[str]
    title = "days"
    template = "admin/days_filter.html"

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: _ModelAdmin,
    ) -> None:
        """Take the days out of the address."""
        super().__init__(request, params, model, model_admin)
        for name in _DAYS:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def expected_parameters(self) -> list[str | None]:
        """Name the first and the last day."""
        return [*_DAYS]

    def has_output(self) -> bool:
        """Say that there is always something to choose."""
        return True

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """Give the chosen days, and what else the address asks for."""
        others = [
            (name, value)
            for name, value in self.request.GET.items()
            if name not in {*_DAYS, "p", "e"}
        ]
        yield {
            "from_day": self.used_parameters.get("from_day", ""),
            "to_day": self.used_parameters.get("to_day", ""),
            "others": others,
            "without": changelist.get_query_string(remove=[*_DAYS]),
        }

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":  # noqa: ARG002 - Django's signature
        """Keep the rows of these days.

        Raises:
            IncorrectLookupParameters: a day is none.
        """
        try:
            first, last = map(self._day, _DAYS)
            after = None if last is None else last + timedelta(days=1)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error
        rows = queryset
        if first is not None:
            rows = rows.filter(**{f"{self.column}__gte": first.isoformat()})
        if after is not None:
            rows = rows.filter(**{f"{self.column}__lt": after.isoformat()})
        return rows

    def _day(self, name: str) -> date | None:
        text = str(self.used_parameters.get(name, ""))
        return date.fromisoformat(text) if text else None


class RecordedDaysFilter(_DaysFilter):
    """Events recorded on some days."""

    column = "recorded_at"


class SubmittedDaysFilter(_DaysFilter):
    """Decisions submitted on some days."""

    column = "submitted_at"


class RecordedFilter(_RecentFilter):
    """Events recorded in the last days."""

    column = "recorded_at"


class SubmittedFilter(_RecentFilter):
    """Decisions submitted in the last days."""

    column = "submitted_at"
