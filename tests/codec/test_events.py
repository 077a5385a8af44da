"""Events as stored bytes: decoding inverts encoding, and only true events decode."""

from typing import get_args

import orjson
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from lifecycle.codec.canonical import CanonicalFormError, canonical_bytes
from lifecycle.codec.events import (
    GENESIS_HASH,
    KINDS,
    EventFormatError,
    check_entering,
    decode_event,
    encode_event,
    hash_event,
    kind_of,
    payload_of,
)
from lifecycle.core.events import ActionRejected, Event, Recorded, RejectionRecord
from lifecycle.core.values import JsonValue
from tests.codec.samples import chain, journal
from tests.codec.strategies import RECORDED

WAIT = chain()[4]


def changed(encoded: bytes, **members: JsonValue) -> bytes:
    """Give an event's canonical bytes with other members; `None` stays null."""
    return canonical_bytes({**orjson.loads(encoded), **members})


@settings(max_examples=500)
@given(RECORDED)
def test_decoding_inverts_encoding_for_every_kind(recorded: Recorded) -> None:
    encoded = encode_event(recorded, GENESIS_HASH)

    stored = (recorded, GENESIS_HASH, kind_of(recorded.event))
    assert decode_event(encoded) == stored
    assert check_entering(encoded) == stored


def test_every_kind_of_event_is_among_the_samples() -> None:
    assert {type(recorded.event) for recorded in journal()} == set(get_args(Event))
    assert set(KINDS) == set(get_args(Event))


def test_kinds_are_the_missions_names() -> None:
    assert sorted(KINDS.values()) == [
        "ActionRejected",
        "AgentMoved",
        "AgentRegistered",
        "AgentWaited",
        "LocationRegistered",
        "ModuleArtifactDeployed",
        "ModuleCompileRequested",
        "ModuleInstalled",
        "WorldCreated",
    ]


def test_an_event_names_its_kind_and_payload() -> None:
    event = decode_event(WAIT).recorded.event

    assert kind_of(event) == "AgentWaited"
    assert payload_of(event) == {"agent_id": "ada", "ticks": 3}


def test_each_event_holds_the_hash_of_the_one_before() -> None:
    previous = GENESIS_HASH
    for encoded in chain():
        assert decode_event(encoded).prev_hash == previous
        previous = hash_event(encoded)


def test_e23_any_changed_byte_changes_the_hash() -> None:
    for encoded in chain():
        for place in range(len(encoded)):
            flipped = bytearray(encoded)
            flipped[place] ^= 1
            assert hash_event(bytes(flipped)) != hash_event(encoded)


@pytest.mark.parametrize("facts", [{"ratio": 0.5}, {"list": [1, {"x": float("nan")}]}])
def test_l17_a_refusal_with_a_floating_point_number_is_never_written(
    facts: dict[str, object],
) -> None:
    recorded = next(journal())
    record = RejectionRecord("x", None, {})
    for event in (
        ActionRejected(facts, record, None),
        ActionRejected({}, replace(record, facts=facts), None),
    ):
        with pytest.raises(CanonicalFormError):
            encode_event(replace(recorded, event=event), GENESIS_HASH)


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"[]",
        b"\xff",
        WAIT[:-1],
        changed(WAIT, kind="AgentSlept"),
        changed(WAIT, kind=3),
        changed(WAIT, schema_version=0),
        changed(WAIT, schema_version=2),
        changed(WAIT, surplus=1),
        changed(WAIT, seq="5"),
        changed(WAIT, payload={"agent_id": "ada"}),
        changed(WAIT, payload={"agent_id": "ada", "ticks": "3"}),
        changed(WAIT, payload={"agent_id": "ada", "ticks": 3, "surplus": 1}),
        changed(WAIT, payload=[]),
        changed(WAIT, actor=None),
        changed(WAIT, kind="ModuleInstalled", schema_version=1),
        changed(WAIT, kind="ModuleInstalled", schema_version=1, payload=[]),
    ],
)
def test_bytes_that_are_no_event_are_refused(encoded: bytes) -> None:
    with pytest.raises(EventFormatError):
        decode_event(encoded)
    with pytest.raises(EventFormatError):
        check_entering(encoded)


@pytest.mark.parametrize(
    "encoded",
    [
        WAIT + b"\n",
        b" " + WAIT,
        WAIT.replace(b'"tick":4', b'"tick": 4'),
        WAIT.replace(b'"ticks":3', b'"ticks":3,"ticks":3'),
        WAIT + WAIT,
    ],
)
def test_an_event_that_is_not_canonical_does_not_enter(encoded: bytes) -> None:
    with pytest.raises(EventFormatError):
        check_entering(encoded)


@pytest.mark.parametrize(
    "recorded_at",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.000006+00:00",
        "2026-01-02 03:04:05.000006Z",
        "2026-01-02T03:04:05.000006Z\n",
        "٢٠٢٦-01-02T03:04:05.000006Z",
        "9999-99-99T00:00:00.000000Z",
        "2026-02-30T03:04:05.000006Z",
        "0000-01-02T03:04:05.000006Z",
        "2026-01-02T24:60:60.000006Z",
        "",
    ],
)
def test_an_event_with_another_form_of_time_does_not_enter(recorded_at: str) -> None:
    with pytest.raises(EventFormatError, match="RFC 3339"):
        check_entering(changed(WAIT, recorded_at=recorded_at))
