"""`verify` and `rebuild`."""

from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection

from lifecycle.journal.store import get_head
from lifecycle.journal.triggers import drop_statements
from lifecycle.models.projections import InstalledModule
from lifecycle.usecases.timetravel import state_at
from tests.management.calling import facts, said
from tests.service import decide, deploy, found_world, install, wasm

pytestmark = pytest.mark.django_db


def live_a_little() -> None:
    """Fill the world with a few events."""
    found_world()
    deploy("ada", wasm())
    install("ada", wasm(), "clock")
    decide("bob", "wait_ticks", ticks=2)


def spoil(seq: int) -> None:
    """Change one event behind the service's back."""
    with connection.cursor() as cursor:
        for statement in drop_statements(connection.vendor):
            cursor.execute(statement)
        cursor.execute(
            "UPDATE lifecycle_journalevent SET body = replace(body, 'hub', 'hup') WHERE seq = %s",
            [seq],
        )


def test_e25_the_report_states_range_head_hash_and_time() -> None:
    live_a_little()

    report = facts("verify", "demo")

    head = get_head("demo")
    assert report["ok"] is True
    assert (report["from_seq"], report["to_seq"], report["head_seq"]) == (1, 7, 7)
    assert report["events_checked"] == 7
    assert report["head_hash"] == head.hash
    assert report["state_digest"] == state_at("demo").digest
    assert report["checks"] == ["chain", "invariants", "projections"]
    assert report["checked_at"].endswith("Z")


def test_e25_a_range_says_that_it_is_one() -> None:
    live_a_little()

    printed = said("verify", "demo", "--from", "3", "--to", "5")

    assert "events        3 to 5 of 7" in printed
    assert "checked       3" in printed
    assert "checks        chain\n" in printed
    assert "not made: the range is not the whole journal" in printed


def test_a_changed_event_is_named_and_the_command_fails() -> None:
    live_a_little()
    spoil(2)

    with pytest.raises(CommandError, match=r"demo is broken at event 2: .*hash_mismatch") as failed:
        said("verify", "demo")

    assert failed.value.returncode == 1


@pytest.mark.parametrize("argv", [["--from", "9"], ["--to", "99"], ["--from", "0"]])
def test_a_range_outside_of_the_journal_is_refused(argv: list[str]) -> None:
    live_a_little()

    with pytest.raises(CommandError, match="is not acceptable") as refused:
        said("verify", "demo", *argv)

    assert refused.value.returncode == 1


def keep(folder: Path, slug: str = "demo") -> list[str]:
    """Sign a world, keep the checkpoint and the keys, and give the options that prove by them."""
    (folder / "kept").write_text(said("checkpoint", slug), encoding="utf-8")
    (folder / "keys").write_text(said("checkpoint_key"), encoding="utf-8")
    return ["--checkpoint", str(folder / "kept"), "--key", str(folder / "keys")]


def test_e17_a_history_that_extends_a_checkpoint_is_proved(tmp_path: Path) -> None:
    live_a_little()
    argv = keep(tmp_path)
    decide("bob", "wait")

    printed = said("verify", "demo", *argv)
    document = facts("verify", "demo", *argv[:2])

    assert "checkpoint    of event 7, " in printed
    assert printed.endswith("; holds\n")
    assert document["ok"] is True
    assert document["checkpoint"]["seq"] == 7
    assert document["report"]["head_seq"] == 8
    assert document["key"] == facts("checkpoint_key")["keys"][0]


def test_e17_a_checkpoint_that_does_not_hold_fails_the_command(tmp_path: Path) -> None:
    live_a_little()
    found_world("theirs")
    argv = keep(tmp_path, "theirs")

    with pytest.raises(CommandError, match="checkpoint_of_another_world") as failed:
        said("verify", "demo", *argv)

    assert failed.value.returncode == 1


def test_e17_a_checkpoint_does_not_excuse_a_broken_journal(tmp_path: Path) -> None:
    live_a_little()
    argv = keep(tmp_path)
    spoil(2)

    with pytest.raises(CommandError, match="demo is broken at event 2"):
        said("verify", "demo", *argv)


@pytest.mark.parametrize("argv", [["--from", "2"], ["--to", "3"]])
def test_a_checkpoint_and_a_range_do_not_go_together(argv: list[str], tmp_path: Path) -> None:
    live_a_little()

    with pytest.raises(CommandError) as refused:
        said("verify", "demo", *keep(tmp_path), *argv)

    assert refused.value.returncode == 2


def test_keys_that_are_none_are_wrong_usage(tmp_path: Path) -> None:
    live_a_little()
    argv = keep(tmp_path)
    (tmp_path / "keys").write_text("no key", encoding="utf-8")

    for options in (argv, argv[2:]):
        with pytest.raises(CommandError) as refused:
            said("verify", "demo", *options)
        assert refused.value.returncode == 2


def test_a_checkpoint_is_printed_as_json_too() -> None:
    live_a_little()

    assert facts("checkpoint", "demo")["note"] == said("checkpoint", "demo")


def test_tables_that_differ_are_named_and_rebuilt() -> None:
    live_a_little()
    InstalledModule.objects.all().delete()

    with pytest.raises(CommandError, match="these tables differ: installed_modules"):
        said("verify", "demo")
    printed = said("rebuild", "demo")

    assert "demo is whole" in printed
    assert InstalledModule.objects.get().module_id == "clock"


def test_rebuilding_prints_the_report_as_json() -> None:
    live_a_little()

    assert facts("rebuild", "demo")["projections_match"] is True


def test_a_broken_journal_rebuilds_nothing() -> None:
    live_a_little()
    spoil(3)

    with pytest.raises(CommandError, match="Event 3: "):
        said("rebuild", "demo")

    assert InstalledModule.objects.count() == 1
