"""Events as stored: canonical bytes with the hash of the event before, and back to values.

The stored bytes are what the chain covers; they are checked to be canonical when they enter, and
verified as stored ever after.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from lifecycle.codec.canonical import (
    CanonicalFormError,
    canonical_bytes,
    parse_canonical,
    refuse_floats,
)
from lifecycle.codec.upcasters import CURRENT_VERSIONS, UnknownSchemaError, upcast
from lifecycle.core.events import (
    ActionRejected,
    Actor,
    AgentMoved,
    AgentRegistered,
    AgentWaited,
    Event,
    LocationRegistered,
    ModuleArtifactDeployed,
    ModuleCompileRequested,
    ModuleInstalled,
    Recorded,
    WorldCreated,
)
from lifecycle.core.ids import DecisionId

GENESIS_HASH: Final = "0" * 64

_CLASSES: Final[tuple[type[Event], ...]] = (
    WorldCreated,
    LocationRegistered,
    AgentRegistered,
    AgentMoved,
    AgentWaited,
    ModuleCompileRequested,
    ModuleArtifactDeployed,
    ModuleInstalled,
    ActionRejected,
)
# Written out, not taken from class names: a renamed class must not rename stored events.
KINDS: Final[Mapping[type[Event], str]] = dict(zip(_CLASSES, CURRENT_VERSIONS, strict=True))
_BY_KIND: Final[Mapping[str, type[Event]]] = {kind: cls for cls, kind in KINDS.items()}
_DECODERS: Final[Mapping[str, "msgspec.json.Decoder[Event]"]] = {
    kind: msgspec.json.Decoder(cls) for kind, cls in _BY_KIND.items()
}
_RECORDED_AT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


class EventFormatError(ValueError):
    """Bytes that are not an event which this release can read; the message says why."""


class Stored(NamedTuple):
    """A decoded event together with the hash of the event before it, and its stored kind."""

    recorded: Recorded
    prev_hash: str
    kind: str


_Payload = TypeVar("_Payload")


class _Envelope(msgspec.Struct, Generic[_Payload], frozen=True, forbid_unknown_fields=True):
    actor: Actor
    decision_id: DecisionId | None
    kind: str
    payload: _Payload
    prev_hash: str
    recorded_at: str
    schema_version: int
    seq: int
    tick: int


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope[msgspec.Raw])
# One decoder for the envelope and its payload together costs half as much as one after the other.
_WHOLE: Final[Mapping[str, "msgspec.json.Decoder[_Envelope[Event]]"]] = {
    kind: msgspec.json.Decoder(_Envelope[cls])  # type: ignore[valid-type] # a class at run time
    for kind, cls in _BY_KIND.items()
}


def kind_of(event: Event) -> str:
    """Name the stored kind of an event."""
    return KINDS[type(event)]


def payload_of(event: Event) -> dict[str, object]:
    """Give an event's payload as plain JSON values."""
    payload: dict[str, object] = msgspec.to_builtins(event)
    return payload


def encode_event(recorded: Recorded, prev_hash: str) -> bytes:
    """Encode an event in the current schema version of its kind.

    Raises:
        CanonicalFormError: the event holds a value that no JSON reader can hold exactly.
    """
    event, actor = recorded.event, recorded.actor
    kind = KINDS[type(event)]
    if isinstance(event, ActionRejected):
        # The one kind whose payload holds values that no type describes.
        refuse_floats(event.action)
        refuse_floats(event.rejection.facts)
    return canonical_bytes(
        {
            "actor": {
                "account": actor.account,
                "agent_id": actor.agent_id,
                "channel": actor.channel,
            },
            "decision_id": recorded.decision_id,
            "kind": kind,
            "payload": msgspec.to_builtins(event),
            "prev_hash": prev_hash,
            "recorded_at": recorded.recorded_at,
            "schema_version": CURRENT_VERSIONS[kind],
            "seq": recorded.seq,
            "tick": recorded.tick,
        }
    )


def hash_event(encoded: bytes) -> str:
    """Give the chain's hash of an event: the SHA-256 of its canonical bytes with `prev_hash`."""
    return hashlib.sha256(encoded).hexdigest()


def decode_event(encoded: bytes, likely_kind: str = "") -> Stored:
    """Decode stored bytes, lifting an old payload to the current schema.

    Args:
        encoded: An event's bytes.
        likely_kind: The kind that the bytes are probably of, which makes decoding faster; a wrong
            one changes nothing.

    Raises:
        EventFormatError: the bytes are not an event that this release can read.
    """
    decoder = _WHOLE.get(likely_kind)
    if decoder is not None:
        try:
            whole = decoder.decode(encoded)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass  # what is wrong with it is said below
        else:
            if whole.kind == likely_kind and whole.schema_version == CURRENT_VERSIONS[likely_kind]:
                return _stored(whole, whole.payload)
    try:
        envelope = _ENVELOPE.decode(encoded)
        event = _decode_payload(envelope)
    except (msgspec.MsgspecError, UnknownSchemaError, UnicodeDecodeError) as error:
        raise EventFormatError(str(error)) from error
    return _stored(envelope, event)


def _stored(envelope: _Envelope[Any], event: Event) -> Stored:
    recorded = Recorded(
        envelope.seq,
        envelope.tick,
        event,
        envelope.decision_id,
        envelope.actor,
        envelope.recorded_at,
    )
    return Stored(recorded, envelope.prev_hash, envelope.kind)


def _decode_payload(envelope: _Envelope[msgspec.Raw]) -> Event:
    kind = envelope.kind
    decoder = _DECODERS.get(kind)
    if decoder is None:
        message = f"{kind!r} is no kind of event"
        raise UnknownSchemaError(message)
    if envelope.schema_version == CURRENT_VERSIONS[kind]:
        return decoder.decode(envelope.payload)
    payload = msgspec.json.decode(envelope.payload, type=dict)
    return msgspec.convert(upcast(kind, envelope.schema_version, payload), _BY_KIND[kind])


def check_entering(encoded: bytes) -> Stored:
    """Decode bytes that come from outside, with every check that appending makes unnecessary.

    Raises:
        EventFormatError: the bytes are not canonical, or not an event, or hold more than one.
    """
    try:
        parse_canonical(encoded)
    except CanonicalFormError as error:
        raise EventFormatError(str(error)) from error
    stored = decode_event(encoded)
    if not _is_time(stored.recorded.recorded_at):
        message = "recorded_at is not RFC 3339 UTC with microseconds"
        raise EventFormatError(message)
    return stored


def _is_time(text: str) -> bool:
    """Say whether a text is a moment of the calendar, in the one form that is stored."""
    if _RECORDED_AT.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
