"""Projections of the journals: what exists in each world now. Droppable; `rebuild` derives them."""

from typing import ClassVar

from django.db import models

from lifecycle.models.worlds import World


class Location(models.Model):
    """A place in a world."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    location_id = models.CharField(max_length=128)
    registered_at_tick = models.BigIntegerField()

    class Meta:
        """A place is in a world once."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "location_id"], name="location_once"),
        ]

    def __str__(self) -> str:
        """Give the id."""
        return self.location_id


class Agent(models.Model):
    """An agent and where it is."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    agent_id = models.CharField(max_length=128)
    location_id = models.CharField(max_length=128, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    registered_at_tick = models.BigIntegerField()

    class Meta:
        """An agent is in a world once."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "agent_id"], name="agent_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "location_id", "agent_id"], name="agent_by_place"),
        ]

    def __str__(self) -> str:
        """Give the id."""
        return self.agent_id


class Artifact(models.Model):
    """Published bytes; who published them first is `publisher_agent_id`."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    wasm_hash = models.CharField(max_length=64)
    publisher_agent_id = models.CharField(max_length=128)
    bytes_len = models.BigIntegerField()
    module_id_hint = models.CharField(max_length=128, null=True, blank=True)  # noqa: DJ001 - absent, not empty
    deployed_at_tick = models.BigIntegerField()
    deployed_seq = models.BigIntegerField()

    class Meta:
        """A hash is in a world once; lists run newest first."""

        ordering: ClassVar[list[str]] = ["world", "-deployed_seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "wasm_hash"], name="artifact_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "-deployed_seq"], name="artifact_newest"),
            models.Index(fields=["world", "module_id_hint"], name="artifact_by_hint"),
        ]

    def __str__(self) -> str:
        """Give the hash."""
        return self.wasm_hash


class Publication(models.Model):
    """An agent deployed an artifact's bytes, and so is one of its owners."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    wasm_hash = models.CharField(max_length=64)
    agent_id = models.CharField(max_length=128)
    seq = models.BigIntegerField()
    tick = models.BigIntegerField()

    class Meta:
        """An agent owns an artifact once."""

        ordering: ClassVar[list[str]] = ["world", "seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["world", "wasm_hash", "agent_id"], name="publication_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "agent_id", "-seq"], name="publication_of_agent"),
        ]

    def __str__(self) -> str:
        """Give the owner and the hash."""
        return f"{self.agent_id} owns {self.wasm_hash}"


class InstalledModule(models.Model):
    """What a module id is bound to now."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    module_id = models.CharField(max_length=128)
    module_version = models.CharField(max_length=200)
    wasm_hash = models.CharField(max_length=64)
    installer_agent_id = models.CharField(max_length=128)
    install_target = models.CharField(max_length=32)
    active = models.BooleanField()
    installed_at_tick = models.BigIntegerField()
    installed_seq = models.BigIntegerField()

    class Meta:
        """A module id is bound once; lists run newest first."""

        ordering: ClassVar[list[str]] = ["world", "-installed_seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "module_id"], name="module_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "-installed_seq"], name="module_newest"),
            models.Index(fields=["world", "wasm_hash"], name="module_by_artifact"),
            models.Index(
                fields=["world", "installer_agent_id", "-installed_seq"], name="module_of_agent"
            ),
        ]

    def __str__(self) -> str:
        """Give the id and the version."""
        return f"{self.module_id} {self.module_version}"


class Install(models.Model):
    """One install, whether or not a later one took its place."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    seq = models.BigIntegerField()
    tick = models.BigIntegerField()
    module_id = models.CharField(max_length=128)
    module_version = models.CharField(max_length=200)
    wasm_hash = models.CharField(max_length=64)
    installer_agent_id = models.CharField(max_length=128)
    active = models.BooleanField()

    class Meta:
        """An event is one install; they are found by artifact and by module, newest first."""

        ordering: ClassVar[list[str]] = ["world", "-seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["world", "seq"], name="install_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "wasm_hash", "-seq"], name="install_by_artifact"),
            models.Index(fields=["world", "module_id", "-seq"], name="install_by_module"),
        ]

    def __str__(self) -> str:
        """Give the place and the module."""
        return f"{self.seq} {self.module_id}"


class ModuleVersion(models.Model):
    """The bytes last installed under a module's version."""

    world = models.ForeignKey(World, on_delete=models.PROTECT, db_index=False)
    module_id = models.CharField(max_length=128)
    module_version = models.CharField(max_length=200)
    wasm_hash = models.CharField(max_length=64)

    class Meta:
        """A version of a module is kept once; an artifact's installs are found by its hash."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["world", "module_id", "module_version"], name="module_version_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["world", "wasm_hash"], name="module_version_by_artifact"),
        ]

    def __str__(self) -> str:
        """Give the module and the version."""
        return f"{self.module_id} {self.module_version}"
