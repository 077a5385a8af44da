"""Filters of the audit lists that ask no table for its distinct values."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.db.models import QuerySet
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


class RecordedFilter(_RecentFilter):
    """Events recorded in the last days."""

    column = "recorded_at"


class SubmittedFilter(_RecentFilter):
    """Decisions submitted in the last days."""

    column = "submitted_at"
