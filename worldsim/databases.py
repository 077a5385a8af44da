"""How the database is opened: durable SQLite by default, PostgreSQL by URL."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import dj_database_url

from worldsim.environment import Environment

_LOCK_WAIT_SECONDS = 30


class _OwnersConnection(sqlite3.Connection):
    """A connection that lets nobody else on this machine read what it opens.

    The store holds password hashes and sessions. SQLite gives its other files the mode of the
    first, so that one is made before it is opened; only then, for a command that opens nothing
    makes nothing.
    """

    def __init__(self, database: str, *args: Any, **options: Any) -> None:  # noqa: ANN401 - handed on
        # Where the file cannot be made or is not ours, opening it will tell.
        with suppress(OSError):
            Path(database).touch(mode=0o600)
            Path(database).chmod(0o600)
        super().__init__(database, *args, **options)


def database_for(environment: Environment) -> dict[str, Any]:
    """Give Django's settings of the one database."""
    if environment.database_url:
        return dict(
            dj_database_url.parse(
                environment.database_url, conn_max_age=600, conn_health_checks=True
            )
        )
    path = environment.data / "worldsim.sqlite3"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # Tests too run on a file: a database in memory has other locks and no WAL.
        "TEST": {"NAME": str(environment.data / "test.sqlite3")},
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "factory": _OwnersConnection,
            # A writer takes its lock at BEGIN and waits for it; a deferred transaction that
            # reads first and writes later fails at once, without waiting.
            "transaction_mode": "IMMEDIATE",
            "timeout": _LOCK_WAIT_SECONDS,
            "init_command": (
                "PRAGMA journal_mode=WAL;"
                f"PRAGMA synchronous={environment.sqlite_synchronous};"
                "PRAGMA cache_size=-32768;"
                "PRAGMA temp_store=MEMORY;"
            ),
        },
    }
