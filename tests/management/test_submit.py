"""`submit`."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from lifecycle.journal.store import get_head
from lifecycle.models.decisions import Decision
from tests.management.calling import facts, said
from tests.programs import manage
from tests.service import found_world


def written(folder: Path, text: str) -> str:
    """Write a decision to a file; give its path."""
    file = folder / "decision.json"
    file.write_text(text, encoding="utf-8")
    return str(file)


def waiting(ticks: int = 3) -> str:
    """Give the text of a decision to wait."""
    return json.dumps({"decision": "wait_ticks", "ticks": ticks})


@pytest.mark.django_db
def test_an_applied_decision_is_printed_as_its_document(tmp_path: Path) -> None:
    found_world()

    document = facts("submit", "demo", "ada", written(tmp_path, waiting()))

    assert document["status"] == "applied"
    assert document["channel"] == "command"
    assert document["account"] is None
    assert [event["kind"] for event in document["events"]] == ["AgentWaited"]


@pytest.mark.django_db
def test_a_decision_is_found_in_a_models_reply(tmp_path: Path) -> None:
    found_world()
    reply = f"Let me think. I should wait.\n```json\n{waiting()}\n```\n"

    document = facts("submit", "demo", "ada", written(tmp_path, reply), "--text")

    assert document["status"] == "applied"
    assert document["repairs"]


@pytest.mark.django_db
def test_a_refusal_fails_with_its_sentence_and_its_code(tmp_path: Path) -> None:
    found_world()
    moving = json.dumps({"decision": "move_agent", "to": "nowhere"})

    with pytest.raises(CommandError, match=r"“nowhere”.*\(location_not_found\)") as refused:
        said("submit", "demo", "ada", written(tmp_path, moving))

    assert refused.value.returncode == 1
    assert get_head("demo").seq == 5


@pytest.mark.django_db
def test_malformed_input_is_kept_and_reaches_no_journal(tmp_path: Path) -> None:
    found_world()

    with pytest.raises(CommandError):
        said("submit", "demo", "ada", written(tmp_path, '{"decision": '))

    assert Decision.objects.get().status == "malformed"
    assert get_head("demo").seq == 4


@pytest.mark.django_db
def test_a_rehearsal_records_nothing(tmp_path: Path) -> None:
    found_world()

    document = facts("submit", "demo", "ada", written(tmp_path, waiting()), "--dry-run")

    assert (document["id"], document["status"]) == (None, "applied")
    assert not Decision.objects.exists()


@pytest.mark.django_db
def test_the_same_key_gives_the_first_answer_again(tmp_path: Path) -> None:
    found_world()
    argv = ("submit", "demo", "ada", written(tmp_path, waiting()), "--key", "k-1")

    first, again = facts(*argv), facts(*argv)

    assert first["id"] == again["id"]
    assert get_head("demo").seq == 5


@pytest.mark.django_db
def test_a_key_with_another_decision_is_refused(tmp_path: Path) -> None:
    found_world()
    said("submit", "demo", "ada", written(tmp_path, waiting(1)), "--key", "k-1")

    with pytest.raises(CommandError, match="Idempotency-Key was used before"):
        said("submit", "demo", "ada", written(tmp_path, waiting(2)), "--key", "k-1")


@pytest.mark.django_db
@pytest.mark.parametrize("other", [["--wait"], ["--key", "k"]])
def test_a_rehearsal_takes_neither_key_nor_waiting(tmp_path: Path, other: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        said("submit", "demo", "ada", written(tmp_path, waiting()), "--dry-run", *other)

    assert refused.value.returncode == 2


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_named() -> None:
    found_world()

    with pytest.raises(CommandError, match="No such file or directory: /nowhere/at/all"):
        said("submit", "demo", "ada", "/nowhere/at/all")


def test_a_decision_comes_by_standard_input(store: Path) -> None:
    manage(store, "create_world", "harbour")
    manage(store, "add_agent", "harbour", "scout")

    done = manage(store, "submit", "harbour", "scout", "-", "--json", stdin=waiting())

    document: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert document["status"] == "applied"
