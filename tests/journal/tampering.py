"""Change what is written once, as somebody with the database's password could. Checks nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from lifecycle.journal.triggers import create_statements, drop_statements


def run(sql: str, values: Sequence[Any] = ()) -> int:
    """Run one statement and give how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def ask(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
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


def tamper(sql: str, values: Sequence[Any] = ()) -> int:
    """Run one statement with the triggers dropped."""
    with without_guard():
        return run(sql, values)


def set_event(pk: int, column: str, value: str | int | None) -> None:
    """Write one column of an event's row."""
    tamper(f"UPDATE lifecycle_journalevent SET {column} = %s WHERE id = %s", [value, pk])  # noqa: S608 - a test's own name


def delete_events(condition: str, values: Sequence[Any]) -> None:
    """Delete the events that meet a condition."""
    tamper(f"DELETE FROM lifecycle_journalevent WHERE {condition}", values)  # noqa: S608 - a test's own text


def take_out(table: str, key: str, value: str | int) -> tuple[Any, ...]:
    """Delete a row and give it."""
    [row] = ask(f"SELECT * FROM {table} WHERE {key} = %s", [value])  # noqa: S608 - a test's own name
    tamper(f"DELETE FROM {table} WHERE {key} = %s", [value])  # noqa: S608 - a test's own name
    return row


def put_back(table: str, row: Sequence[Any]) -> None:
    """Insert a row that was taken out."""
    marks = ", ".join(["%s"] * len(row))
    run(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - a test's own name
