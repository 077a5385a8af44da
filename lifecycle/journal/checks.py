"""What the database must be before a server or a worker starts. Django's system checks.

They look at the live connection, not at what was asked for.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's own
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from lifecycle.journal.heads import heads_off_their_journals
from lifecycle.journal.triggers import GUARDED_TABLES, lacking_triggers

TAG: Final = "worldsim"
_SYNCHRONOUS: Final = {"NORMAL": 1, "FULL": 2, "EXTRA": 3}
_SHORTEST_WAIT_MS: Final = 1000


@register(TAG, Tags.database)
def check_database(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: object
) -> list[CheckMessage]:
    """Look at the database, where the caller allows to."""
    del app_configs
    faults: list[CheckMessage] = []
    for alias in databases or ():
        try:
            faults += faults_of(connections[alias])
        except DatabaseError as error:
            faults.append(
                Error(
                    f"The database cannot be read: {' '.join(str(error).split())}.",
                    hint="See that the disk has room, and that DATABASE_URL or WORLDSIM_DATA "
                    "name the right place.",
                    id="worldsim.E016",
                )
            )
    return faults


def faults_of(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """Name what is wrong with a database.

    Raises:
        DatabaseError: it does not answer.
    """
    faults = _pragma_faults(connection) if connection.vendor == "sqlite" else []
    tables = set(connection.introspection.table_names())
    if tables.issuperset(GUARDED_TABLES):
        faults += _trigger_faults(connection) + _head_faults()
    return faults


def _pragma_faults(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    live = {
        name: _pragma(connection, name)
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    asked = settings.ENVIRONMENT.sqlite_synchronous
    wrong = {
        "worldsim.E010": ("journal_mode", live["journal_mode"] != "wal", "wal"),
        "worldsim.E011": ("synchronous", live["synchronous"] != _SYNCHRONOUS[asked], asked),
        "worldsim.E012": ("foreign_keys", live["foreign_keys"] != 1, "1"),
        "worldsim.E013": (
            "busy_timeout",
            live["busy_timeout"] < _SHORTEST_WAIT_MS,
            f"at least {_SHORTEST_WAIT_MS} ms",
        ),
    }
    return [
        Error(
            f"SQLite's {name} is {live[name]}; it must be {wanted}.",
            hint="The database file must lie on a local disk, and its settings be the service's.",
            id=number,
        )
        for number, (name, is_wrong, wanted) in wrong.items()
        if is_wrong
    ]


def _pragma(connection: BaseDatabaseWrapper, name: str) -> Any:  # noqa: ANN401 - a text or a number
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


def _trigger_faults(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    missing = lacking_triggers(connection)
    if not missing:
        return []
    return [
        Error(
            f"The database does not guard its journal: it lacks {', '.join(sorted(missing))}.",
            hint="Find out who dropped them; `manage.py restore_guard` makes them again. Then "
            "`manage.py verify` every world: what was changed meanwhile, it finds.",
            id="worldsim.E014",
        )
    ]


def _head_faults() -> list[CheckMessage]:
    return [
        Warning(
            f"The journal of {off.slug} ends at event {off.last_seq}, but its head says {off.seq}.",
            hint=f"`manage.py verify {off.slug}` names the first bad event.",
            id="worldsim.W015",
        )
        for off in heads_off_their_journals()
    ]
