"""Signed notes: the published example, and everything that is none."""

import base64

import pytest

from lifecycle.codec.checkpoints import CheckpointText, parse_checkpoint
from lifecycle.codec.notes import NoteFormatError, note_of, parse_note, parse_vkey
from lifecycle.usecases.signing import find_signer

# The example of Go's golang.org/x/mod/sumdb/note, which the C2SP specification follows.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
TEXT = CheckpointText(
    world_id="d08b574c-e79b-48bf-96ac-c13922243269",
    world="harbour",
    seq=4,
    head_hash="a" * 64,
    state_digest="b" * 64,
    made_at="2026-11-28T00:54:34.513323Z",
)


def test_the_published_example_of_signed_notes_verifies() -> None:
    key = parse_vkey(GO_KEY)

    assert key.vkey == GO_KEY
    assert find_signer(parse_note(GO_NOTE), [key]) == key


@pytest.mark.parametrize(
    ("old", "new"),
    [("cryptography", "Cryptography"), ("x08go/ZJ", "x08go/ZK"), ("is.\n", "is..\n")],
)
def test_a_note_that_was_changed_has_no_signer(old: str, new: str) -> None:
    changed = GO_NOTE.replace(old, new)

    assert changed != GO_NOTE
    assert find_signer(parse_note(changed), [parse_vkey(GO_KEY)]) is None


def test_a_note_taken_apart_and_put_together_is_the_same() -> None:
    note, key = parse_note(GO_NOTE), parse_vkey(GO_KEY)

    assert note_of(note.text, key, note.signatures[0].signature) == GO_NOTE


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n— name AAAA",
        "text\n\n— name AAAA\n",
        GO_NOTE.rstrip("\n"),
        GO_NOTE.replace("— ", "- "),
        GO_NOTE.replace("— PeterNeumann", "— Peter+Neumann"),
        GO_NOTE.replace("JnAM=", "JnAM"),
        GO_NOTE + "more\n",
        "x" * 70_000 + GO_NOTE,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteFormatError):
        parse_note(note)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "name",
        "name+c74f20a3",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("Peter", "Other"),
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "a+c74f20a3+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
        GO_KEY + "!",
    ],
)
def test_what_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(NoteFormatError):
        parse_vkey(line)


def test_a_checkpoint_reads_back_as_it_was_written() -> None:
    assert parse_checkpoint(TEXT.encode()) == TEXT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"seq":4', '"seq":0'),
        ('"seq":4', '"seq":4.0'),
        ('"seq":4', '"seq":"4"'),
        ('"seq":4', '"seq":4,"more":1'),
        ('"seq":4', '"seq": 4'),
        ('"version":1', '"version":2'),
        ('"version":1,', ""),
        ("worldsim-checkpoint", "worldsim-export"),
        ("a" * 64, "A" * 64),
        ("a" * 64, "a" * 63),
        ("}\n", "}"),
        ("harbour", "\ud800"),
    ],
)
def test_what_is_no_checkpoint_is_refused(old: str, new: str) -> None:
    changed = TEXT.encode().replace(old, new)

    assert changed != TEXT.encode()
    with pytest.raises(NoteFormatError):
        parse_checkpoint(changed)
