"""Change what is written once, as somebody with the database's password could. Checks nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

from lifecycle.journal.triggers import create_statements, drop_statements

Value = str | int | bytes | None


def run(sql: str, values: Sequence[Value] = ()) -> int:
    """Run one statement and give how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def ask(sql: str, values: Sequence[Value] = ()) -> list[tuple[object, ...]]:
    """Run one query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@contextmanager
def without_guard() -> Iterator[None]:
    """Drop the triggers, and create them again."""
    for statement in drop_statements(connection.vendor):
        run(statement)
    try:
        yield
    finally:
        for statement in create_statements(connection.vendor):
            run(statement)


def tamper(sql: str, values: Sequence[Value] = ()) -> int:
    """Run one statement with the triggers dropped."""
    with without_guard():
        return run(sql, values)
