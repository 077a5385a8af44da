"""What every audit page has in common: nobody writes, nothing counts a whole table.

The tables themselves stand in the files beside this one.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from lifecycle.access.roles import audited_worlds, is_auditor
from lifecycle.core.ids import beginning_of_hash

_MOST_LISTED: Final = 10_000
_LONGEST_SEARCH: Final = 200
_HASH_DIGITS: Final = 64

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _Paginator = Paginator[Any]
else:
    _ModelAdmin = admin.ModelAdmin
    _Paginator = Paginator


class BoundedPaginator(_Paginator):
    """Pages over the first rows only, so that a journal of millions opens like a short one."""

    @cached_property
    def count(self) -> int:
        """Count no further than the rows that are listed; filters and searches reach the rest."""
        rows = cast("QuerySet[Any]", self.object_list)
        return rows[:_MOST_LISTED].count()


class ReadOnlyAdmin(_ModelAdmin):
    """A table that auditors can look at and nobody can change.

    Who is an auditor is a matter of the role in a world alone; Django's own permissions, which know
    no worlds, say nothing here.
    """

    actions = None
    list_per_page = 50
    show_full_result_count = False
    # Counts beside each filter would read the whole table once a filter.
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    ordering = ("-pk",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under its own name."""
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Say whether the account is an auditor of any world, or a superuser."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Say whether the account is an auditor of any world, or a superuser."""
        return is_auditor(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Refuse."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse to filter by what the pages hide: it could be read digit by digit."""
        hidden = lookup.partition("__")[0] in (self.exclude or ())
        return not hidden and super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> "tuple[QuerySet[Any], bool]":
        """Search; a hash is found in any of its spellings, and by the beginning that pages show."""
        # Each word is a condition, and a database takes only so many.
        search_term = search_term[:_LONGEST_SEARCH]
        beginning = beginning_of_hash(search_term)
        columns = [f.removesuffix("__exact") for f in self.get_search_fields(request)]
        hashes = [column for column in columns if column.endswith(("hash", "digest"))]
        if beginning is None or len(beginning) == _HASH_DIGITS or not hashes:
            return super().get_search_results(request, queryset, _one_spelling(search_term))
        exact, duplicates = super().get_search_results(request, queryset, search_term)
        return exact | queryset.filter(any_begins(hashes, beginning)), duplicates


def second_of(stored: str) -> SafeString:
    """Show the second of a moment that is stored as text, and in its title all that is stored."""
    return format_html('<span title="{}">{} {} UTC</span>', stored, stored[:10], stored[11:19])


def any_begins(columns: Iterable[str], beginning: str) -> Q:
    """Ask for a range, which an index serves; "g" sorts after every hexadecimal digit."""
    begins = Q()
    for column in columns:
        begins |= Q(**{f"{column}__gte": beginning, f"{column}__lt": f"{beginning}g"})
    return begins


def _one_spelling(term: str) -> str:
    digits = beginning_of_hash(term)
    return term if digits is None or len(digits) < _HASH_DIGITS else digits


class WorldScopedAdmin(ReadOnlyAdmin):
    """A table of the worlds; who is no superuser sees the rows of the worlds that are his or hers.

    Attributes:
        world_lookup: How a row leads to its world.
    """

    list_select_related: ClassVar[tuple[str, ...]] = ("world",)
    world_lookup: ClassVar[str] = "world"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Give the rows that the account may see."""
        rows: QuerySet[Any] = super().get_queryset(request)
        if getattr(request.user, "is_superuser", False):
            return rows
        return rows.filter(**{f"{self.world_lookup}__in": audited_worlds(request.user)})


class SuperuserOnlyAdmin(ReadOnlyAdmin):
    """A table that belongs to no world, and so is a superuser's to see."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Say whether the account is a superuser."""
        return bool(getattr(request.user, "is_superuser", False))
