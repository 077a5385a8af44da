"""What every test that touches the database needs; fixtures of one room live in its folder."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings

from lifecycle.journal.triggers import create_statements, drop_statements

_TEARDOWN = "_fixture_teardown"

# How fast an example runs says nothing of a rule, and much of what else the machine does.
settings.register_profile("rules", deadline=None)
settings.load_profile("rules")


@pytest.fixture(autouse=True, scope="session")
def _guard_lets_tests_clean_up() -> Iterator[None]:
    """Lift the append-only triggers while a committed test's rows are flushed, and only then."""
    flush = getattr(TransactionTestCase, _TEARDOWN)

    def flush_without_guard(case: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            for statement in drop_statements(connection.vendor):
                cursor.execute(statement)
        flush(case)
        with connection.cursor() as cursor:
            for statement in create_statements(connection.vendor):
                cursor.execute(statement)

    setattr(TransactionTestCase, _TEARDOWN, flush_without_guard)
    yield
    setattr(TransactionTestCase, _TEARDOWN, flush)
