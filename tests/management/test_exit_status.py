"""What a command leaves to the shell: 0 done, 1 refused, 2 wrong usage; and one clear line."""

import sqlite3
from pathlib import Path

import pytest

from tests.programs import manage


def test_what_went_well_leaves_0_and_silence_on_standard_error(store: Path) -> None:
    for argv in (
        ["create_world", "harbour"],
        ["add_location", "harbour", "pier"],
        ["add_agent", "harbour", "scout", "--at", "pier"],
        ["replace_token", "harbour", "scout"],
        ["verify", "harbour"],
        ["rebuild", "harbour"],
        ["state", "harbour"],
    ):
        done = manage(store, *argv)
        assert (done.returncode, done.stderr) == (0, ""), argv


def test_a_broken_journal_leaves_1_and_names_the_event(store: Path) -> None:
    manage(store, "create_world", "harbour")
    with sqlite3.connect(store / "worldsim.sqlite3") as database:
        database.execute("DROP TRIGGER lifecycle_journalevent_no_update")
        database.execute("UPDATE lifecycle_journalevent SET tick = 7")

    done = manage(store, "verify", "harbour", "--json")

    assert done.returncode == 1
    assert '"code": "column_mismatch"' in done.stdout
    assert done.stderr == (
        "harbour is broken at event 1: a column differs from its bytes (column_mismatch).\n"
    )


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["verify", "nowhere"], 'There is no world "nowhere".'),
        (["import", "/nowhere/at/all"], "No such file or directory: /nowhere/at/all"),
    ],
)
def test_a_refusal_leaves_1_and_one_line(store: Path, argv: list[str], line: str) -> None:
    done = manage(store, *argv)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{line}\n")


@pytest.mark.parametrize("argv", [["verify"], ["state", "harbour", "--at", "x"]])
def test_wrong_usage_leaves_2_and_says_what_is_right(tmp_path: Path, argv: list[str]) -> None:
    done = manage(tmp_path, *argv)

    assert done.returncode == 2
    assert done.stderr.startswith(f"usage: manage.py {argv[0]}")


def test_a_store_without_tables_says_how_to_make_them(tmp_path: Path) -> None:
    done = manage(tmp_path, "create_world", "harbour")

    assert done.returncode == 1
    assert done.stderr == (
        "The store has no tables yet: run `manage.py migrate` first, or `make run`.\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "many", "PORT: Input should be a valid integer"),
        ("WORLDSIM_WORKERS", "0", "WORLDSIM_WORKERS: Input should be greater than or equal to 1"),
        ("WORLDSIM_WROKERS", "2", "There is no setting WORLDSIM_WROKERS"),
    ],
)
def test_a_setting_that_cannot_be_is_named_in_one_line(
    tmp_path: Path, name: str, value: str, why: str
) -> None:
    done = manage(tmp_path, "state", "harbour", changes={name: value})

    assert done.returncode == 1
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1
