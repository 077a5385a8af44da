"""What every test that touches the database needs; fixtures of one room live in its folder."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase

from lifecycle.journal.triggers import create_statements, drop_statements


@pytest.fixture(autouse=True, scope="session")
def _guard_lets_tests_clean_up() -> Iterator[None]:
    """Lift the append-only triggers while a committed test's rows are flushed, and only then."""
    flush = TransactionTestCase._fixture_teardown

    def flush_without_guard(self: Any) -> None:
        with connection.cursor() as cursor:
            for statement in drop_statements(connection.vendor):
                cursor.execute(statement)
        flush(self)
        with connection.cursor() as cursor:
            for statement in create_statements(connection.vendor):
                cursor.execute(statement)

    TransactionTestCase._fixture_teardown = flush_without_guard  # type: ignore[method-assign] - wrapped
    yield
    TransactionTestCase._fixture_teardown = flush  # type: ignore[method-assign] - as it was
