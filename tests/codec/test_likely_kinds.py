"""A guess at an event's kind makes decoding faster and never changes what comes out."""

import json

import pytest

from lifecycle.codec.events import EventFormatError, decode_event, encode_event
from lifecycle.core.events import Actor, AgentWaited, Recorded
from lifecycle.core.ids import AgentId

_ACTOR = Actor(None, AgentId("ada"), "api")
_WAIT = Recorded(1, 1, AgentWaited(AgentId("ada"), 1), None, _ACTOR, "2026-01-01T00:00:00.000000Z")
_BYTES = encode_event(_WAIT, "0" * 64)


@pytest.mark.parametrize("guess", ["", "AgentWaited", "AgentMoved", "NoSuchKind"])
def test_any_guess_at_the_kind_gives_the_same_event(guess: str) -> None:
    assert decode_event(_BYTES, guess).recorded == _WAIT


def test_a_payload_of_another_kind_under_the_guessed_one_is_no_event() -> None:
    forged = json.loads(_BYTES)
    forged["kind"] = "AgentMoved"

    with pytest.raises(EventFormatError):
        decode_event(json.dumps(forged).encode(), "AgentWaited")


def test_an_unknown_schema_version_is_refused_whatever_the_guess() -> None:
    forged = json.loads(_BYTES)
    forged["schema_version"] = 9

    with pytest.raises(EventFormatError):
        decode_event(json.dumps(forged).encode(), "AgentWaited")
