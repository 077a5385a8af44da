"""Decision records against the journal: every record that has events must say what they say.

What no event tells stands outside: records of decisions that changed nothing or were malformed, and
the columns in which only the sender's own words, keys and prompts are kept.
"""

from typing import Any, Final, NamedTuple

import orjson
from django.db.models import Q

from lifecycle.core.events import (
    ActionRejected,
    AgentMoved,
    AgentWaited,
    Event,
    ModuleArtifactDeployed,
    ModuleCompileRequested,
    ModuleInstalled,
    Recorded,
    RejectionRecord,
)
from lifecycle.core.values import JsonObject, JsonValue
from lifecycle.models.decisions import Decision, DecisionStatus
from lifecycle.projections.decisions import (
    arguments_told_by,
    ends_compile,
    rejection_text,
    restored,
    status_of,
)
from lifecycle.protocol.fields import DEFAULT_VERSION
from lifecycle.protocol.owners import SELF

# Few enough for one look-up by the ids, and all that is held at once besides unended compiles.
_BATCH: Final = 500
_WITH_EVENTS: Final = (DecisionStatus.APPLIED, DecisionStatus.COMPILING, DecisionStatus.REJECTED)
_COLUMNS: Final = (
    *("agent_id", "account", "channel", "submitted_at", "status"),
    *("first_seq", "last_seq", "outcome_seq"),
)
_TEXTS: Final = ("kind", "arguments", "rejection")
# What a sender may leave out.
_DEFAULTS: Final[JsonObject] = {"ticks": 1, "module_version": DEFAULT_VERSION, "activate": True}


class _Told(NamedTuple):
    """What the journal tells of a decision: its first event, and how it ended."""

    first: Recorded
    status: DecisionStatus
    rejection: RejectionRecord | None
    outcome_seq: int | None = None

    def columns(self) -> tuple[object, ...]:
        """Give the columns that hold exactly what the events say."""
        actor, seq = self.first.actor, self.first.seq
        return (
            *(actor.agent_id or "", actor.account, actor.channel, self.first.recorded_at),
            *(self.status.value, seq, seq, self.outcome_seq),
        )


class DecisionProof:
    """One pass over a whole journal, event by event; the records are looked up in batches.

    With `mend`, records that differ are made to say what the events say, and missing ones are made
    again. A record that no event belongs to is never touched.
    """

    def __init__(self, world_pk: int, *, mend: bool = False) -> None:
        """Start before the first event."""
        self._world_pk, self._mend = world_pk, mend
        self._compiling: dict[str, _Told] = {}
        self._due: list[_Told] = []
        self._told = 0
        self._differ = False

    def follow(self, recorded: Recorded) -> None:
        """Take one event in."""
        event, decision_id = recorded.event, recorded.decision_id
        if decision_id is None:
            return
        if ends_compile(event):
            self._end(decision_id, recorded)
            return
        status = status_of(event)
        rejection = event.rejection if isinstance(event, ActionRejected) else None
        told = _Told(recorded, status, rejection)
        if status is DecisionStatus.COMPILING:
            self._compiling[decision_id] = told
        else:
            self._add(told)

    def _end(self, decision_id: str, recorded: Recorded) -> None:
        asked = self._compiling.pop(decision_id, None)
        if asked is None:
            return
        event, status, rejection = recorded.event, DecisionStatus.APPLIED, None
        if isinstance(event, ActionRejected):
            status, rejection = DecisionStatus.REJECTED, event.rejection
        self._add(_Told(asked.first, status, rejection, recorded.seq))

    def _add(self, told: _Told) -> None:
        self._due.append(told)
        if len(self._due) == _BATCH:
            self._look_up()

    def _look_up(self) -> None:
        ids = [told.first.decision_id for told in self._due]
        rows = Decision.objects.filter(world_id=self._world_pk, decision_id__in=ids)
        found = {row[0]: row[1:] for row in rows.values_list("decision_id", *_COLUMNS, *_TEXTS)}
        for told in self._due:
            self._compare(told, found.get(str(told.first.decision_id)))
        self._told += len(self._due)
        self._due.clear()

    def _compare(self, told: _Told, row: tuple[Any, ...] | None) -> None:
        if row is not None and _says_the_same(told, row):
            return
        self._differ = True
        if not self._mend:
            return
        if row is None:
            restored(self._world_pk, told.first).save(force_insert=True)
        columns = dict(zip(_COLUMNS, told.columns(), strict=True))
        columns["rejection"] = _text_of(told.rejection)
        if row is not None and not _asks_for(told.first, *row[-3:-1]):
            made = restored(self._world_pk, told.first)
            columns |= {"kind": made.kind, "arguments": made.arguments}
        rows = Decision.objects.filter(world_id=self._world_pk)
        rows.filter(decision_id=told.first.decision_id).update(**columns)

    def differs(self) -> bool:
        """Say, after the last event, whether any record is not what the journal tells."""
        for told in self._compiling.values():
            self._add(told)
        self._compiling.clear()
        self._look_up()
        with_events = Q(status__in=_WITH_EVENTS) | ~Q(
            first_seq=None, last_seq=None, outcome_seq=None
        )
        rows = Decision.objects.filter(with_events, world_id=self._world_pk)
        # Each event's decision has a row of its own, so that one more is a row without an event.
        return self._differ or rows.count() != self._told


def _says_the_same(told: _Told, row: tuple[Any, ...]) -> bool:
    """Say whether a record is what the journal tells."""
    *columns, kind, arguments, rejection = row
    return (
        tuple(columns) == told.columns()
        and _is_rejection(rejection, told.rejection)
        and _asks_for(told.first, kind, arguments)
    )


def _text_of(rejection: RejectionRecord | None) -> str | None:
    return None if rejection is None else rejection_text(rejection)


def _is_rejection(stored: object, rejection: RejectionRecord | None) -> bool:
    text = _text_of(rejection)
    return stored == text or (text is not None and _same(_json(stored), _json(text)))


def _asks_for(first: Recorded, kind: object, stored: object) -> bool:
    """Say whether a kind and arguments are those of the decision that an event came of."""
    arguments = _json(stored)
    if not isinstance(arguments, dict) or arguments.get("decision", "") != kind:
        return False
    return _was_sent_for(first, arguments) or _same(arguments, arguments_told_by(first.event))


def _was_sent_for(first: Recorded, arguments: JsonObject) -> bool:
    """Say whether arguments as they are sent are those of an event, as far as it tells them."""
    told = _sent_for(first.event, arguments)
    if not told:
        return False
    # Null stands for absent.
    sent = _DEFAULTS | {name: value for name, value in arguments.items() if value is not None}
    owner = sent.get("publisher", sent.get("installer", SELF))
    return owner in {SELF, f"agent:{first.actor.agent_id}"} and all(
        _holds(sent.get(name), true) for name, true in told.items()
    )


def _sent_for(event: Event, arguments: JsonObject) -> JsonObject:
    """Give what must have been sent for an event, under the names that a sender uses."""
    match event:
        case AgentWaited():
            name = "wait" if arguments.get("decision") == "wait" else "wait_ticks"
            return {"decision": name, "ticks": event.ticks}
        case AgentMoved():
            return {"decision": "move_agent", "to": event.to_location_id}
        case ModuleCompileRequested():
            return {
                "decision": "compile_module_artifact_from_source",
                "module_id": event.module_id,
                "manifest_path": event.manifest_path,
                "source_files": {
                    "digest": event.source_digest,
                    "file_count": event.file_count,
                    "bytes_len": event.source_bytes_len,
                },
            }
        case ModuleArtifactDeployed():
            return {
                "decision": "deploy_module_artifact",
                "module_id": event.module_id_hint,
                "wasm_hash": event.wasm_hash,
                "wasm_bytes_hex": {"digest": event.wasm_hash, "bytes_len": event.bytes_len},
            }
        case ModuleInstalled():
            return {
                "decision": "install_module_from_artifact",
                "module_id": event.module_id,
                "module_version": event.module_version,
                "wasm_hash": event.wasm_hash,
                "activate": event.active,
            }
        case _:
            # A refusal holds all that was sent, and what a service does by itself nobody sent.
            return {}


def _holds(sent: JsonValue, true: JsonValue) -> bool:
    """Say whether what was sent is what an event tells; of source files it tells no paths."""
    if isinstance(sent, dict) and isinstance(true, dict):
        return all(_holds(sent.get(name), value) for name, value in true.items())
    # In Python, `True` equals 1.
    return type(sent) is type(true) and sent == true


def _json(stored: object) -> Any:  # noqa: ANN401 - any JSON value
    """Read a JSON text; what somebody else wrote there may be none."""
    try:
        return orjson.loads(stored) if isinstance(stored, str) else None
    except orjson.JSONDecodeError:
        return None


def _same(left: JsonValue, right: JsonValue) -> bool:
    """Compare as JSON: in Python, `True` equals 1, and no list equals a tuple."""
    return _sorted(left) == _sorted(right)


def _sorted(value: JsonValue) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
