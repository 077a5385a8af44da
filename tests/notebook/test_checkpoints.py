"""The page of checkpoints: members take one away and prove by it, auditors have one made (E17)."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from lifecycle.models.audits import Checkpoint
from lifecycle.models.worlds import Role
from lifecycle.usecases import proofs
from lifecycle.usecases.checkpoints import known_keys, make_checkpoint
from lifecycle.usecases.long_answers import turn
from tests.journal.tampering import tamper
from tests.notebook.people import browser_of, text_of
from tests.service import decide, found_world
from tests.usecases.test_checkpoints import rewrite_history

pytestmark = pytest.mark.django_db
ADDRESS = "/worlds/demo/checkpoints/"


def signed_world() -> str:
    """Found a world, sign it, and go on; give the checkpoint."""
    found_world()
    decide("ada", "wait_ticks", ticks=3)
    note = make_checkpoint("demo", account="eve", channel="api").note
    decide("bob", "wait")
    return note


def prove(client: Client, note: str | bytes) -> str:
    """Upload a checkpoint and give the page."""
    content = note if isinstance(note, bytes) else note.encode()
    answer = client.post(ADDRESS, {"file": SimpleUploadedFile("kept.checkpoint", content)})
    assert answer.status_code == 200
    return text_of(answer)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_e17_a_member_downloads_a_checkpoint_and_has_it_proven(role: str) -> None:
    note = signed_world()
    client = browser_of("mia", Role(role))

    listed = text_of(client.get(ADDRESS))
    file = client.get(f"{ADDRESS}5/")

    assert f'href="{ADDRESS}5/"' in listed
    assert known_keys()[0].vkey.replace("+", "&#x2B;") in listed or known_keys()[0].vkey in listed
    assert file.content.decode() == note
    assert file.headers["Content-Disposition"] == 'attachment; filename="demo-5.checkpoint"'
    proven = prove(client, file.content)
    assert "History extends this checkpoint" in proven
    assert "events 1 to 6: chain, invariants, projections" in proven


def test_e17_a_history_that_was_made_anew_is_disproven_on_the_page() -> None:
    note = signed_world()
    rewrite_history(5, ticks=4)

    page = prove(browser_of("eve", Role.AUDITOR), note)

    assert "This checkpoint does not hold" in page
    assert "checkpoint_mismatch" in page


def test_a_history_that_is_broken_before_the_checkpoint_is_told_as_such() -> None:
    note = signed_world()
    tamper("UPDATE lifecycle_journalevent SET tick = 9 WHERE seq = 2")

    page = prove(browser_of("eve", Role.AUDITOR), note)

    assert "The history itself is broken" in page
    assert "column_mismatch" in page
    assert "proven" not in page


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_pasted_text_is_read_whatever_its_line_ends(end: str) -> None:
    note = signed_world()
    client = browser_of("eve", Role.VIEWER)
    pasted = note.replace("\n", end).rstrip()
    as_json = json.dumps(client.get("/api/v1/worlds/demo/checkpoints/").json()["checkpoints"][0])

    for text in (pasted, as_json, f"  {pasted}{end}{end}"):
        page = text_of(client.post(ADDRESS, {"note": text}))
        assert "History extends this checkpoint" in page


@pytest.mark.parametrize("content", [b"\xff\xfe", b"<script>alert(1)</script>", b"x" * 100_000])
def test_what_is_no_checkpoint_is_said_to_be_none(content: bytes) -> None:
    signed_world()

    page = prove(browser_of("eve", Role.VIEWER), content)

    assert "checkpoint_unreadable" in page
    assert "<script>alert" not in page


def test_nothing_sent_is_refused_with_what_would_be_read() -> None:
    signed_world()

    answer = browser_of("eve", Role.VIEWER).post(ADDRESS, {"note": " "})

    assert answer.status_code == 422
    assert "the file of a checkpoint, or its text" in text_of(answer)


def test_a_long_world_is_for_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    note = signed_world()
    monkeypatch.setattr("lifecycle.notebook.checkpoints.MOST_PROVEN", 5)
    assert proofs.MOST_PROVEN == 200_000

    answer = browser_of("eve", Role.VIEWER).post(ADDRESS, {"note": note})

    assert answer.status_code == 422
    assert "the command verify" in text_of(answer)


def test_proofs_take_turns_with_other_long_answers() -> None:
    note = signed_world()
    client = browser_of("eve", Role.VIEWER)

    with turn(), turn():
        assert client.post(ADDRESS, {"note": note}).status_code == 503

    assert client.post(ADDRESS, {"note": note}).status_code == 200


def test_auditors_and_maintainers_have_the_world_signed_and_others_do_not() -> None:
    found_world()
    statuses = {}
    for role in Role:
        client = browser_of(role.value, role)
        shows = 'name="sign"' in text_of(client.get(ADDRESS))
        statuses[role.value] = (shows, client.post(ADDRESS, {"sign": "1"}).status_code)

    assert statuses == {
        "auditor": (True, 303),
        "viewer": (False, 403),
        "operator": (False, 403),
        "maintainer": (True, 303),
    }
    assert Checkpoint.objects.get().account == "auditor"
    assert Checkpoint.objects.get().channel == "notebook"


def test_a_broken_world_is_not_signed_and_the_page_says_why() -> None:
    found_world()
    tamper("UPDATE lifecycle_journalevent SET body = replace(body, 'hub', 'hup') WHERE seq = 2")

    answer = browser_of("eve", Role.AUDITOR).post(ADDRESS, {"sign": "1"})

    assert answer.status_code == 409
    assert "event 2, hash_mismatch" in text_of(answer)
    assert not Checkpoint.objects.exists()


def test_a_place_that_was_not_signed_has_no_file() -> None:
    signed_world()
    client = browser_of("eve", Role.VIEWER)

    assert client.get(f"{ADDRESS}4/").status_code == 404
    assert client.get(f"{ADDRESS}{10**30}/").status_code == 404


def test_a_key_that_cannot_be_read_leaves_the_list(settings: Settings) -> None:
    signed_world()
    nowhere = settings.ENVIRONMENT.data / "nowhere.pem"
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"checkpoint_key_file": nowhere})

    answer = browser_of("eve", Role.VIEWER).get(ADDRESS)

    assert answer.status_code == 200
    assert "no usable key" in text_of(answer)
