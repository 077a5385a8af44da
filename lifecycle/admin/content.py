"""Audit pages of content by its digest: sizes, never bytes."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from lifecycle.admin.readonly import SuperuserOnlyAdmin
from lifecycle.models.content import Content, ModuleInspection


@admin.register(Content)
class ContentAdmin(SuperuserOnlyAdmin):
    """What is stored under which digest, and how long it is."""

    list_display = ("digest", "size_bytes")
    fields = ("digest", "size_bytes")
    search_fields = ("digest__exact",)
    search_help_text = "A digest in any spelling."
    ordering = ("digest",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Give the rows without their bytes."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.defer("compressed")


@admin.register(ModuleInspection)
class ModuleInspectionAdmin(SuperuserOnlyAdmin):
    """What inspection found in which bytes."""

    list_display = ("wasm_hash",)
    fields = ("wasm_hash", "found")
    readonly_fields = ("found",)
    search_fields = ("wasm_hash__exact",)
    search_help_text = "A hash in any spelling."
    ordering = ("wasm_hash",)

    @admin.display
    def found(self, row: ModuleInspection) -> str:
        """Give the inspection, indented."""
        return json.dumps(json.loads(row.inspection), indent=2)
