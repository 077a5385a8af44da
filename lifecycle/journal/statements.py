"""SQL statements for the paths that every decision and every replay takes.

They run on the database's driver inside of Django's transaction and with Django's errors, but
without its cursor's wrappers, which cost as much as the statement itself (docs/adr/0005).
"""

from collections.abc import Sequence
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections


class Statement:
    """One statement, written with ``%s`` for each value."""

    def __init__(self, sql: str, *, locking: str = "") -> None:
        """Keep the statement; `locking` is added where a transaction does not lock by itself."""
        self._sqlite: Final = sql.replace("%s", "?")
        self._other: Final = f"{sql} {locking}"

    def run(self, values: Sequence[Any]) -> Any:  # noqa: ANN401 - the driver's cursor
        """Run with these values and give the driver's cursor."""
        django_connection = connections[DEFAULT_DB_ALIAS]
        django_connection.ensure_connection()
        sql = self._sqlite if django_connection.vendor == "sqlite" else self._other
        with django_connection.wrap_database_errors:
            return django_connection.connection.execute(sql, values)

    def all(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run and give every row."""
        cursor = self.run(values)
        with connections[DEFAULT_DB_ALIAS].wrap_database_errors:
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def first(self, values: Sequence[Any]) -> Any:  # noqa: ANN401 - a row, or `None`
        """Run and give the first row, or `None`."""
        return self.run(values).fetchone()
