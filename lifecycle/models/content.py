"""Bulk content by its SHA-256, and what inspection found in wasm bytes."""

from typing import ClassVar

from django.db import models

from lifecycle.models.append_only import AppendOnlyModel


class Content(AppendOnlyModel):
    """Bytes under their digest, compressed with Zstandard. Stored once, never deleted."""

    digest = models.CharField(max_length=64, primary_key=True)
    size_bytes = models.BigIntegerField()
    compressed = models.BinaryField()

    class Meta:
        """Rows are named by what they hold."""

        verbose_name_plural = "content"

    def __str__(self) -> str:
        """Give the digest."""
        return self.digest


class ModuleInspection(models.Model):
    """What a module imports, exports and declares; derived from its bytes, so disposable.

    `inspection` is a JSON text and no JSON column: names in a module may hold U+0000.
    """

    wasm_hash = models.CharField(max_length=64, primary_key=True)
    inspection = models.TextField()

    class Meta:
        """Rows are named by the module."""

        ordering: ClassVar[list[str]] = ["wasm_hash"]

    def __str__(self) -> str:
        """Give the module's hash."""
        return self.wasm_hash
