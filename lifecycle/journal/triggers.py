"""The database's own guard: triggers that refuse to change or delete what is written once."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# As of the first release, and what audits have added since.
FIRST_TABLES: Final = ("lifecycle_journalevent", "lifecycle_content")
AUDIT_TABLES: Final = (
    "lifecycle_checkresult",
    "lifecycle_checkpointkey",
    "lifecycle_checkpoint",
)
GUARDED_TABLES: Final = (*FIRST_TABLES, "lifecycle_worldchange", *AUDIT_TABLES)

_SQLITE: Final = """
    CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
    BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
# SQLite's REPLACE deletes the row in its way without asking the triggers above. Content that is
# there already is left as it is, since inserting it again is no fault.
_SQLITE_REPLACE: Final = {
    "lifecycle_journalevent": """
        CREATE TRIGGER lifecycle_journalevent_no_replace BEFORE INSERT ON lifecycle_journalevent
        WHEN EXISTS (
            SELECT 1 FROM lifecycle_journalevent
            WHERE id = NEW.id
            OR (world_id = NEW.world_id AND seq = NEW.seq)
            OR (world_id = NEW.world_id AND prev_hash = NEW.prev_hash)
        )
        BEGIN SELECT RAISE(ABORT, 'lifecycle_journalevent is append-only'); END
    """,
    "lifecycle_content": """
        CREATE TRIGGER lifecycle_content_no_replace BEFORE INSERT ON lifecycle_content
        WHEN EXISTS (SELECT 1 FROM lifecycle_content WHERE digest = NEW.digest)
        BEGIN SELECT RAISE(IGNORE); END
    """,
    "lifecycle_worldchange": """
        CREATE TRIGGER lifecycle_worldchange_no_replace BEFORE INSERT ON lifecycle_worldchange
        WHEN EXISTS (SELECT 1 FROM lifecycle_worldchange WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'lifecycle_worldchange is append-only'); END
    """,
    "lifecycle_checkresult": """
        CREATE TRIGGER lifecycle_checkresult_no_replace BEFORE INSERT ON lifecycle_checkresult
        WHEN EXISTS (
            SELECT 1 FROM lifecycle_checkresult WHERE id = NEW.id OR check_id = NEW.check_id
        )
        BEGIN SELECT RAISE(ABORT, 'lifecycle_checkresult is append-only'); END
    """,
    "lifecycle_checkpointkey": """
        CREATE TRIGGER lifecycle_checkpointkey_no_replace BEFORE INSERT ON lifecycle_checkpointkey
        WHEN EXISTS (SELECT 1 FROM lifecycle_checkpointkey WHERE key_id = NEW.key_id)
        BEGIN SELECT RAISE(IGNORE); END
    """,
    "lifecycle_checkpoint": """
        CREATE TRIGGER lifecycle_checkpoint_no_replace BEFORE INSERT ON lifecycle_checkpoint
        WHEN EXISTS (
            SELECT 1 FROM lifecycle_checkpoint
            WHERE id = NEW.id
            OR (world_id = NEW.world_id AND seq = NEW.seq AND key_id = NEW.key_id)
        )
        BEGIN SELECT RAISE(IGNORE); END
    """,
}
_POSTGRESQL_FUNCTION: Final = """
    CREATE OR REPLACE FUNCTION lifecycle_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION USING
            MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'restrict_violation';
    END $$
"""
_POSTGRESQL: Final = """
    CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
    FOR EACH {level} EXECUTE FUNCTION lifecycle_refuse_change()
"""
_VERBS: Final = {"update": "ROW", "delete": "ROW", "truncate": "STATEMENT"}
_SQLITE_VERBS: Final = ("update", "delete", "replace")


def create_statements(vendor: str, tables: Sequence[str] = GUARDED_TABLES) -> list[str]:
    """Give the statements that create the guard of some tables on one kind of database."""
    if vendor == "sqlite":
        return [
            *(
                _SQLITE.format(table=table, verb=verb)
                for table in tables
                for verb in ("update", "delete")
            ),
            *(_SQLITE_REPLACE[table] for table in tables),
        ]
    return [
        _POSTGRESQL_FUNCTION,
        *(
            _POSTGRESQL.format(table=table, verb=verb, level=level)
            for table in tables
            for verb, level in _VERBS.items()
        ),
    ]


def drop_statements(vendor: str, tables: Sequence[str] = GUARDED_TABLES) -> list[str]:
    """Give the statements that remove the guard, for reversing a migration."""
    verbs = _SQLITE_VERBS if vendor == "sqlite" else tuple(_VERBS)
    on = "" if vendor == "sqlite" else " ON {table}"
    return [
        f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on.format(table=table)}"
        for table in tables
        for verb in verbs
    ]


def lacking_triggers(connection: BaseDatabaseWrapper) -> set[str]:
    """Name the triggers of the guard that the database lacks, or that do not guard any more."""
    expected = expected_trigger_names(connection.vendor)
    if connection.vendor == "sqlite":
        return expected - _sound_on_sqlite(connection)
    return expected - _sound_on_postgresql(connection)


def _sound_on_sqlite(connection: BaseDatabaseWrapper) -> set[str]:
    wanted = {_plain(statement) for statement in create_statements("sqlite")}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {name for name, sql in cursor.fetchall() if _plain(sql) in wanted}


def _sound_on_postgresql(connection: BaseDatabaseWrapper) -> set[str]:
    """Take a trigger for sound that is switched on, for all sessions, and calls our function."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
        )
        rows = cursor.fetchall()
    body = _plain(_POSTGRESQL_FUNCTION)
    return {name for name, source in rows if _plain(source) and _plain(source) in body}


def _plain(sql: str) -> str:
    return " ".join(sql.split())


def restore(connection: BaseDatabaseWrapper) -> set[str]:
    """Create the whole guard anew, and name what of it had been lacking.

    All of it, since a trigger may be there and do nothing.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        lacking = lacking_triggers(connection)
        statements = drop_statements(connection.vendor) + create_statements(connection.vendor)
        for statement in statements:
            cursor.execute(statement)
    return lacking


def expected_trigger_names(vendor: str) -> set[str]:
    """Name the triggers that the guard consists of."""
    verbs = _SQLITE_VERBS if vendor == "sqlite" else tuple(_VERBS)
    return {f"{table}_no_{verb}" for table in GUARDED_TABLES for verb in verbs}
