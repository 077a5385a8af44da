"""What stops a start, or is said at one: each check, broken for real."""

import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage
from django.db import connection
from django.db.utils import ConnectionHandler
from pytest_django.fixtures import Settings

from lifecycle.journal.checks import check_database, faults_of
from lifecycle.journal.triggers import drop_statements
from lifecycle.sandbox.bubblewrap import find_bubblewrap
from lifecycle.usecases.checks import (
    check_debug,
    check_models,
    check_queue,
    check_sandbox,
    check_secret_key,
)
from tests.programs import MANAGE, manage, run
from tests.service import decide, found_world


def ids(faults: list[CheckMessage]) -> list[str | None]:
    """Give the ids of what the checks said."""
    return [fault.id for fault in faults]


def test_the_settings_as_they_are_pass() -> None:
    checks = (check_queue, check_sandbox, check_secret_key, check_debug)

    assert [check(None) for check in checks] == [[], [], [], []]


@pytest.mark.django_db
def test_the_database_as_it_is_passes() -> None:
    found_world()

    assert check_database(None, databases=["default"]) == []


def test_a_check_without_a_database_does_not_look_at_one() -> None:
    assert check_database(None) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"retry": 10, "timeout": 20}, "worldsim.E001"),
        ({"retry": 20, "timeout": 20}, "worldsim.E001"),
        ({"timeout": None}, "worldsim.E001"),
        ({"max_attempts": 0}, "worldsim.E002"),
        ({"orm": None, "redis": None}, "worldsim.E003"),
        ({"orm": "default", "redis": "redis://127.0.0.1"}, "worldsim.E003"),
    ],
)
def test_q01_a_queue_that_would_run_a_task_twice_or_for_ever_is_refused(
    settings: Settings, changes: dict[str, Any], fault: str
) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, **changes}

    assert ids(check_queue(None)) == [fault]


@pytest.mark.parametrize("key", ["short", "django-insecure-" + "x" * 40])
def test_a_key_that_can_be_guessed_is_refused(settings: Settings, key: str) -> None:
    settings.SECRET_KEY = key

    assert ids(check_secret_key(None)) == ["worldsim.E006"]


@pytest.mark.parametrize(
    ("debug", "hosts", "faults"),
    [
        (True, ["localhost", "127.0.0.1", "[::1]"], []),
        (True, ["localhost", "sim.example.org"], ["worldsim.E007"]),
        (True, ["*"], ["worldsim.E007"]),
        (False, ["sim.example.org"], []),
    ],
)
def test_debug_pages_are_for_this_machine_alone(
    settings: Settings, *, debug: bool, hosts: list[str], faults: list[str]
) -> None:
    settings.DEBUG, settings.ALLOWED_HOSTS = debug, hosts

    assert ids(check_debug(None)) == faults


@pytest.mark.parametrize(
    ("models", "named"),
    [
        ("", []),
        ("small=http://127.0.0.1:8001/v1, big=https://models.example.org/v1,", []),
        ("cred=http://bob:hunter2@127.0.0.1:8399/v1", ["cred"]),
        ("good=http://127.0.0.1/v1,ftp=ftp://127.0.0.1/v1,bare", ["ftp", "bare"]),
        ("=http://127.0.0.1/v1", ["one without a name"]),
    ],
)
def test_a_model_that_could_not_be_asked_is_not_offered(
    settings: Settings, models: str, named: list[str]
) -> None:
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"models": models})

    faults = check_models(None)

    assert ids(faults) == ["worldsim.E008"] * len(named)
    assert [fault.msg.rpartition(": ")[2] for fault in faults] == [f"{name}." for name in named]
    assert "hunter2" not in repr(faults)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"init_command": "PRAGMA journal_mode=DELETE"}, "worldsim.E010"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"}, "worldsim.E011"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=OFF"}, "worldsim.E012"),
        ({"init_command": "PRAGMA journal_mode=WAL", "timeout": 0.1}, "worldsim.E013"),
        ({"init_command": "PRAGMA journal_mode=WAL"}, None),
    ],
)
def test_sqlite_is_judged_by_how_it_really_runs(
    tmp_path: Path, options: dict[str, Any], fault: str | None
) -> None:
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "other.sqlite3"),
        "OPTIONS": {"timeout": 30, **options},
    }
    other = ConnectionHandler({"default": database})["default"]
    try:
        assert ids(faults_of(other)) == ([] if fault is None else [fault])
    finally:
        other.close()


@pytest.mark.django_db
def test_a_journal_that_lost_its_guard_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute(drop_statements(connection.vendor)[0])

    [fault] = check_database(None, databases=["default"])

    assert fault.id == "worldsim.E014"
    assert "lifecycle_journalevent_no_update" in fault.msg


@pytest.mark.django_db
def test_e21_a_head_that_is_not_at_the_last_event_is_named_with_both_places() -> None:
    found_world()
    decide("ada", "wait_ticks", ticks=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lifecycle_journalhead SET seq = 7")

    [fault] = check_database(None, databases=["default"])

    assert fault.id == "worldsim.W015"
    assert "demo ends at event 5, but its head says 7" in fault.msg
    assert not fault.is_serious()


def test_a_store_that_cannot_be_read_stops_a_worker_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "worldsim.sqlite3").write_bytes(b"no database at all " * 100)

    done = manage(tmp_path, "worker")

    assert done.returncode == 1
    assert done.stderr.startswith("worldsim.E016: The database cannot be read: file is not a")
    assert len(done.stderr.splitlines()) == 1


def test_without_a_sandbox_the_check_says_what_to_do(tmp_path: Path) -> None:
    """Broken for real: the check runs where no further sandbox can be made."""
    found = find_bubblewrap(None)
    assert found is not None
    cage = [str(found), "--unshare-user", "--disable-userns", "--dev-bind", "/", "/"]

    done = run([*cage, sys.executable, str(MANAGE), "check", "--tag", "worldsim"], tmp_path)

    assert "worldsim.W004" in done.stderr
    assert "HINT: " in done.stderr
    assert done.returncode == 0
