"""`restore_guard`: whatever became of the triggers, all of them guard again, and no row is lost."""

import pytest
from django.db import DatabaseError, connection, transaction

from lifecycle.access.callers import get_any_world
from lifecycle.journal.checks import check_database
from lifecycle.journal.triggers import (
    GUARDED_TABLES,
    drop_statements,
    expected_trigger_names,
    lacking_triggers,
)
from lifecycle.models.teams import WorldChange
from lifecycle.usecases.changes import By
from lifecycle.usecases.invitations import Wanted, invite
from tests.journal.tampering import run
from tests.journal.test_append_only import CHANGES
from tests.management.calling import facts, said
from tests.service import deploy, found_world, wasm
from tests.usecases.histories import every_table

pytestmark = pytest.mark.django_db
TABLE = "lifecycle_worldchange"
NAME = f"{TABLE}_no_update"


def drop_one() -> set[str]:
    """Drop one trigger."""
    run(drop_statements(connection.vendor, [TABLE])[0])
    return {NAME}


def drop_all() -> set[str]:
    """Drop every trigger."""
    for statement in drop_statements(connection.vendor):
        run(statement)
    return expected_trigger_names(connection.vendor)


def empty_one() -> set[str]:
    """Leave a trigger in place that lets everything pass."""
    if connection.vendor == "sqlite":
        drop_one()
        run(f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} BEGIN SELECT 1; END")
    else:
        run(f"ALTER TABLE {TABLE} DISABLE TRIGGER {NAME}")
    return {NAME}


def empty_what_they_call() -> set[str]:
    """Let all triggers do nothing, where they call one function."""
    if connection.vendor == "sqlite":
        return empty_one()
    run(
        "CREATE OR REPLACE FUNCTION lifecycle_refuse_change() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN NEW; END $$"
    )
    return expected_trigger_names(connection.vendor)


@pytest.mark.parametrize("spoil", [drop_one, drop_all, empty_one, empty_what_they_call])
def test_the_guard_is_whole_again_whatever_was_done_to_it(spoil: object) -> None:
    found_world()
    deploy("ada", wasm())
    invite(get_any_world("demo"), Wanted("viewer"), By(None, "command"))
    assert callable(spoil)
    # PostgreSQL alters no table for which keys are still to be checked.
    connection.check_constraints()
    lacking = spoil()
    assert lacking_triggers(connection) == lacking
    [fault] = check_database(None, databases=["default"])
    assert fault.hint is not None
    assert (fault.id, "restore_guard" in fault.hint) == ("worldsim.E014", True)
    before = every_table()

    told = said("restore_guard").split()

    assert told == sorted(lacking)
    assert check_database(None, databases=["default"]) == []
    assert every_table() == before
    for table in ("lifecycle_journalevent", "lifecycle_content", TABLE):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(CHANGES[table])
    assert WorldChange.objects.exists()


def test_a_whole_guard_stays_as_it_is_and_is_said_to_be() -> None:
    assert said("restore_guard").strip() == "Nothing was lacking."
    assert facts("restore_guard") == {"guarded_tables": list(GUARDED_TABLES), "were_lacking": []}
    assert lacking_triggers(connection) == set()
