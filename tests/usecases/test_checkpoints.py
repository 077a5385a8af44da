"""Signed checkpoints: what they prove of a history, and what disproves it (E17)."""

import stat
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pytest_django.fixtures import Settings

from lifecycle.access.callers import get_any_world
from lifecycle.codec.checkpoints import parse_checkpoint
from lifecycle.codec.events import decode_event, encode_event, hash_event
from lifecycle.codec.notes import parse_note
from lifecycle.core.events import AgentWaited
from lifecycle.journal import reading
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.journal.store import get_head
from lifecycle.models.audits import Checkpoint, CheckpointKey
from lifecycle.models.worlds import World
from lifecycle.usecases.checkpoints import (
    UPKEEP,
    hand_out_due,
    known_keys,
    make_checkpoint,
    sign_due_world,
)
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.proofs import prove
from lifecycle.usecases.queries.audits import checkpoints_page, get_note
from lifecycle.usecases.signing import SigningKeyError, sign, signing_key
from lifecycle.usecases.timetravel import state_at
from lifecycle.usecases.verify import rebuild_world, verify_world
from tests.journal.tampering import tamper
from tests.service import decide, found_world

pytestmark = pytest.mark.django_db


def signed(slug: str = "demo") -> str:
    """Sign where a world stands."""
    return make_checkpoint(slug, channel="command").note


def disproof_of(slug: str, note: str) -> str | None:
    """Give the code of why a checkpoint does not hold."""
    proof = prove(slug, note, known_keys())
    assert proof.ok is (proof.disproof is None)
    return None if proof.disproof is None else proof.disproof.code


def rewrite_history(seq: int, ticks: int) -> None:
    """Change a wait and make all hashes after it anew, as an operator could, then rebuild."""
    head = get_head("demo")
    prev_hash = next(reading.stream_events(head.world_pk, after=seq - 2)).hash
    rows, shift = [], 0
    for stored in reading.stream_events(head.world_pk, after=seq - 1):
        recorded = decode_event(stored.body).recorded
        event = recorded.event
        if recorded.seq == seq:
            assert isinstance(event, AgentWaited)
            shift = ticks - event.ticks
            event = AgentWaited(agent_id=event.agent_id, ticks=ticks)
        recorded = msgspec.structs.replace(recorded, event=event, tick=recorded.tick + shift)
        body = encode_event(recorded, prev_hash)
        rows.append((body.decode(), hash_event(body), prev_hash, recorded.tick, recorded.seq))
        prev_hash = hash_event(body)
    for row in reversed(rows):
        tamper(
            "UPDATE lifecycle_journalevent SET body = %s, hash = %s, prev_hash = %s, tick = %s "
            "WHERE seq = %s",
            row,
        )
    tamper("UPDATE lifecycle_journalhead SET hash = %s, tick = %s", [prev_hash, rows[-1][3]])
    tamper("DELETE FROM lifecycle_statesnapshot")
    rebuild_world("demo")


def live(*ticks: int) -> None:
    """Found a world and wait some times."""
    found_world()
    for number in ticks:
        decide("ada", "wait_ticks", ticks=number)


def test_a_checkpoint_says_where_the_journal_stands() -> None:
    live(3)

    text = parse_checkpoint(parse_note(signed()).text)

    head, state = get_head("demo"), state_at("demo")
    assert (text.world_id, text.world) == (head.origin_id, "demo")
    assert (text.seq, text.head_hash, text.state_digest) == (head.seq, head.hash, state.digest)


def test_e17_history_that_goes_on_extends_its_checkpoint() -> None:
    live(3)
    note = signed()
    decide("bob", "wait")

    assert disproof_of("demo", note) is None


def test_e17_a_rewritten_history_with_all_hashes_made_anew_is_disproved() -> None:
    live(3, 5, 7)
    note = signed()

    rewrite_history(5, ticks=4)

    assert verify_world("demo").ok, "only a checkpoint can tell this history from the first one"
    assert disproof_of("demo", note) == "checkpoint_mismatch"


def test_e17_the_service_does_not_sign_a_second_history() -> None:
    live(3, 5)
    signed()
    rewrite_history(5, ticks=4)
    decide("bob", "wait")

    with pytest.raises(JournalBrokenError, match="checkpoint_mismatch"):
        signed()


def test_e17_a_history_that_was_cut_off_is_disproved() -> None:
    live(3, 5)
    note = signed()
    head = get_head("demo")
    before = reading.find_event(head.world_pk, head.seq - 1)
    assert before is not None
    tamper("DELETE FROM lifecycle_journalevent WHERE seq = %s", [head.seq])
    tamper(
        "UPDATE lifecycle_journalhead SET seq = %s, hash = %s, tick = tick - 5",
        [before.seq, before.hash],
    )

    assert disproof_of("demo", note) == "checkpoint_past_head"


def test_a_checkpoint_of_another_world_proves_nothing() -> None:
    live(3)
    found_world("theirs")

    assert disproof_of("demo", signed("theirs")) == "checkpoint_of_another_world"


def test_a_changed_checkpoint_is_not_signed() -> None:
    live(3)
    note = signed()

    assert disproof_of("demo", note.replace('"seq":5', '"seq":6')) == "checkpoint_signature"
    assert disproof_of("demo", "no note") == "checkpoint_unreadable"


def test_a_checkpoint_by_a_key_that_is_not_trusted_proves_nothing() -> None:
    live(3)
    note = signed()
    stranger = known_keys()[0]._replace(public=bytes(32))

    proof = prove("demo", note, [stranger])

    assert proof.disproof is not None
    assert proof.disproof.code == "checkpoint_signature"
    assert known_keys()[0].key_id in proof.disproof.reason


def test_a_state_that_was_not_the_signed_one_is_disproved() -> None:
    live(3)
    made = make_checkpoint("demo", channel="command")
    text = parse_checkpoint(parse_note(made.note).text)
    other = text.encode().replace(text.state_digest, "0" * 64)

    assert disproof_of("demo", sign(other)[0]) == "checkpoint_state_mismatch"


def test_a_broken_journal_is_not_signed() -> None:
    live(3)
    tamper("UPDATE lifecycle_journalevent SET body = replace(body, 'hub', 'hup') WHERE seq = 2")

    with pytest.raises(JournalBrokenError):
        signed()

    assert not Checkpoint.objects.exists()


def test_a_place_is_signed_once() -> None:
    live(3)

    assert signed() == signed()
    assert Checkpoint.objects.count() == 1


def test_what_is_written_once_cannot_be_changed() -> None:
    live(3)
    signed()

    for row in (Checkpoint.objects.get(), CheckpointKey.objects.get()):
        with pytest.raises(TypeError, match="written once"):
            row.save()
        with pytest.raises(TypeError, match="written once"):
            row.delete()


def test_a_world_without_events_has_nothing_to_sign() -> None:
    live()
    tamper("DELETE FROM lifecycle_journalevent")
    tamper("UPDATE lifecycle_journalhead SET seq = 0, tick = 0, hash = %s", ["0" * 64])

    with pytest.raises(InvalidParameterError):
        signed()


def use_key(settings: Settings, path: Path | None, **changes: object) -> None:
    """Let the operator name a key's file."""
    update = {"checkpoint_key_file": path, **changes}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=update)


def write_key(path: Path) -> Path:
    """Write a new key as the operator would."""
    key = Ed25519PrivateKey.generate()
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def test_the_key_is_made_once_and_is_its_owners_alone(settings: Settings, tmp_path: Path) -> None:
    use_key(settings, None, data=tmp_path / "new")

    first, second = signing_key(), signing_key()

    path = tmp_path / "new" / "checkpoint-key.pem"
    assert first == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_an_earlier_key_signed_still_holds(settings: Settings, tmp_path: Path) -> None:
    live(3)
    use_key(settings, write_key(tmp_path / "old.pem"))
    old = signed()
    use_key(settings, write_key(tmp_path / "new.pem"))

    new = signed()

    assert old != new
    assert Checkpoint.objects.count() == 2
    assert [disproof_of("demo", note) for note in (old, new)] == [None, None]
    assert known_keys()[0] == signing_key()
    assert len(known_keys()) == 2


@pytest.mark.parametrize("content", [b"", b"no key", None])
def test_a_file_that_is_no_key_is_refused(
    content: bytes | None, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    use_key(settings, path)

    with pytest.raises(SigningKeyError):
        signing_key()


def test_a_key_of_another_kind_is_refused(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(
        X25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    use_key(settings, path)

    with pytest.raises(SigningKeyError):
        signing_key()


def make_old(days: int) -> None:
    """Let a world be as old as this."""
    World.objects.update(created_at=utc_now() - timedelta(days=days))


def test_a_world_is_due_once_it_is_a_day_old_or_its_checkpoint_is() -> None:
    live(3)
    world = World.objects.get()
    assert hand_out_due() == 0, "a new world can wait"
    make_old(days=2)

    assert hand_out_due() == 1
    assert hand_out_due() == 0, "it was just handed out"
    assert sign_due_world(world.pk) == "signed"
    assert Checkpoint.objects.get().channel == UPKEEP


def test_a_broken_world_is_not_signed_by_itself() -> None:
    live(3)
    tamper("UPDATE lifecycle_journalevent SET body = replace(body, 'hub', 'hup') WHERE seq = 2")

    assert sign_due_world(World.objects.get().pk) == "hash_mismatch"


def test_checkpoints_are_listed_newest_first_and_handed_out_by_place() -> None:
    live(3)
    first = signed()
    decide("ada", "wait")
    second = signed()
    world = get_any_world("demo")

    page = checkpoints_page(world, limit=1)
    older = checkpoints_page(world, before=int(page.next or 0))

    assert [page.rows[0]["note"], older.rows[0]["note"]] == [second, first]
    assert [get_note(world, 5), get_note(world, 6)] == [first, second]
