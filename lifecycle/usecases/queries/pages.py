"""A page of a list and how it is cut. What a list holds stands in the file of that list.

A cursor is the key of the page's last row, so that what is added meanwhile moves nothing.
"""

from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

_Row = TypeVar("_Row")
_Made = TypeVar("_Made")


class Page(NamedTuple, Generic[_Row]):
    """Some rows, and the cursor of the next page, where there is one."""

    rows: list[_Row]
    next: str | int | None

    @property
    def older(self) -> str | int | None:
        """Give the cursor by what it leads to in a list that runs newest first."""
        return self.next

    def map(self, make: Callable[[_Row], _Made]) -> "Page[_Made]":
        """Make each row into something else; the cursor stays."""
        return Page([make(row) for row in self.rows], self.next)


def page_of(rows: Iterable[_Row], limit: int, key: Callable[[_Row], str | int]) -> Page[_Row]:
    """Cut a page out of rows that were asked for with one more than the limit."""
    listed = list(rows)
    shown = listed[:limit]
    return Page(shown, key(shown[-1]) if len(listed) > limit else None)
