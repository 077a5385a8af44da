"""Forged events: refused at their place, and no row of any table is left of them."""

import io

import pytest

from lifecycle.codec.canonical import canonical_bytes, digest_of
from lifecycle.codec.events import hash_event
from tests.usecases.forging import (
    Export,
    Forgery,
    actor,
    content_of,
    envelope,
    events_in,
    forged,
    lines_of,
    payload,
    refusal_of,
)
from tests.usecases.histories import varied_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_world_to_export() -> None:
    varied_world()


def empty_payload(export: Export) -> None:
    """Let an artifact have no bytes, and bring no bytes."""
    body = export.event("ModuleArtifactDeployed")
    place = export.place_of(body)
    export.entries[place - 1] = content_of(b"")
    body["payload"].update(wasm_hash=digest_of(b""), bytes_len=0)


def second_creation(export: Export) -> None:
    """Create the world twice."""
    export.entries.insert(1, {**export.entries[0], "event": {**export.entries[0]["event"]}})


def same_decision_twice(export: Export) -> None:
    """Let two events follow from one decision."""
    export.event("AgentWaited")["decision_id"] = export.event("AgentMoved")["decision_id"]


FORGED_EVENTS: dict[str, tuple[Forgery, str, str]] = {
    "artifact of other bytes": (
        payload("ModuleArtifactDeployed", wasm_hash="a" * 64),
        "ModuleArtifactDeployed",
        "hash_mismatch",
    ),
    "artifact of another length": (
        payload("ModuleArtifactDeployed", bytes_len=1),
        "ModuleArtifactDeployed",
        "length_mismatch",
    ),
    "artifact without bytes": (empty_payload, "ModuleArtifactDeployed", "empty_payload"),
    "artifact of a stranger": (
        payload("ModuleArtifactDeployed", publisher_agent_id="eve"),
        "ModuleArtifactDeployed",
        "agent_not_found",
    ),
    "install by a stranger": (
        payload("ModuleInstalled", installer_agent_id="eve"),
        "ModuleInstalled",
        "agent_not_found",
    ),
    "install of what was never deployed": (
        payload("ModuleInstalled", wasm_hash="a" * 64),
        "ModuleInstalled",
        "artifact_unknown",
    ),
    "move from elsewhere": (
        payload("AgentMoved", from_location_id="pier"),
        "AgentMoved",
        "wrong_place",
    ),
    "move to nowhere": (
        payload("AgentMoved", to_location_id="moon"),
        "AgentMoved",
        "location_not_found",
    ),
    "clock turned": (envelope("AgentWaited", tick=7), "AgentWaited", "wrong_tick"),
    "wait of no ticks": (payload("AgentWaited", ticks=0), "AgentWaited", "wrong_tick"),
    "end of a compile nobody asked for": (
        payload("ActionRejected", request_seq=2),
        "ActionRejected",
        "compile_not_requested",
    ),
    "sources that are not there": (
        payload("ModuleCompileRequested", source_digest="a" * 64),
        "ModuleCompileRequested",
        "content_missing",
    ),
    "world created twice": (second_creation, "WorldCreated", "world_exists"),
    "unknown kind": (envelope("AgentWaited", kind="AgentSlept"), "AgentSlept", "unreadable"),
    "future schema": (envelope("AgentWaited", schema_version=2), "AgentWaited", "unreadable"),
    "schema of no version": (
        envelope("AgentWaited", schema_version=0),
        "AgentWaited",
        "unreadable",
    ),
    "unknown member": (envelope("AgentWaited", extra=1), "AgentWaited", "unreadable"),
    "unknown payload member": (payload("AgentWaited", extra=1), "AgentWaited", "unreadable"),
    "text for a number": (payload("AgentWaited", ticks="3"), "AgentWaited", "unreadable"),
    "local time": (
        envelope("AgentWaited", recorded_at="2026-01-01T00:00:00.000000+01:00"),
        "AgentWaited",
        "unreadable",
    ),
    "another target": (
        payload("ModuleInstalled", install_target={"type": "world"}),
        "ModuleInstalled",
        "unreadable",
    ),
    "location id too long": (
        payload("LocationRegistered", location_id="x" * 129),
        "LocationRegistered",
        "unstorable",
    ),
    "agent id with U+0000": (
        payload("AgentRegistered", agent_id="a\0"),
        "AgentRegistered",
        "unstorable",
    ),
    "world id too long": (payload("WorldCreated", world_id="x" * 37), "WorldCreated", "unstorable"),
    "name too long": (payload("WorldCreated", name="x" * 201), "WorldCreated", "unstorable"),
    "version too long": (
        payload("ModuleInstalled", module_version="1" * 201),
        "ModuleInstalled",
        "unstorable",
    ),
    "manifest too long": (
        payload("ModuleCompileRequested", manifest_path="x" * 513),
        "ModuleCompileRequested",
        "unstorable",
    ),
    "toolchain too long": (
        payload("ModuleCompileRequested", toolchain="x" * 17),
        "ModuleCompileRequested",
        "unstorable",
    ),
    "channel too long": (actor("AgentWaited", channel="x" * 17), "AgentWaited", "unstorable"),
    "account too long": (actor("AgentWaited", account="x" * 151), "AgentWaited", "unstorable"),
    "decision id too long": (
        envelope("AgentWaited", decision_id="x" * 37),
        "AgentWaited",
        "unstorable",
    ),
    "refused decision of no name": (
        payload("ActionRejected", action={"decision": 5}),
        "ActionRejected",
        "unstorable",
    ),
    "one decision twice": (same_decision_twice, "AgentWaited", "duplicate"),
}


@pytest.mark.parametrize("name", FORGED_EVENTS)
def test_e19_a_forged_event_in_a_chain_that_fits_is_refused_at_its_place(name: str) -> None:
    change, kind, code = FORGED_EVENTS[name]
    source = forged(change)
    expected = next(
        number
        for number, line in enumerate(
            [line for line in source.getvalue().splitlines() if line.startswith(b'{"event":')], 1
        )
        if f'"kind":"{kind}"'.encode() in line and (name != "world created twice" or number == 2)
    )

    refused = refusal_of(source)

    assert (refused.code, refused.seq) == (code, expected)


def test_an_install_of_bytes_that_another_agent_owns_is_refused() -> None:
    def steal(export: Export) -> None:
        body = export.event("ModuleInstalled")
        deployed = export.place_of(export.event("ModuleArtifactDeployed"))
        other = export.entries[deployed + 1]["event"]
        assert other["payload"]["publisher_agent_id"] == "bob"
        body["payload"]["installer_agent_id"] = "bob"
        del export.entries[deployed + 1]
        for later in export.bodies()[deployed:]:
            later["tick"] -= 1

    refused = refusal_of(forged(steal))

    assert refused.code in {"owner_mismatch", "wrong_tick"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"ticks":3', b'"ticks":3.0'),
        (b'"ticks":3', b'"ticks": 3'),
        (b'"ticks":3', b'"ticks":3,"ticks":3'),
        (b'"ticks":3', b'"ticks":9007199254740993'),
        (b'"agent_id":"bob","ticks":3', b'"ticks":3,"agent_id":"bob"'),
    ],
)
def test_l17_an_event_that_is_not_canonical_is_refused_whatever_its_hash(
    old: bytes, new: bytes
) -> None:
    lines = lines_of()
    [number] = [i for i, line in enumerate(lines) if b'"kind":"AgentWaited"' in line]
    body = lines[number][len(b'{"event":') : -len(b',"hash":""}\n') - 64].replace(old, new)
    assert body != lines[number]
    lines[number] = b'{"event":' + body + b',"hash":"' + hash_event(body).encode() + b'"}\n'

    refused = refusal_of(io.BytesIO(b"".join(lines)))

    assert refused.code == "unreadable"
    assert refused.seq == events_in(lines_of()).index(number) + 1


def test_an_event_of_another_hash_than_its_bytes_have_is_refused() -> None:
    def lie(export: Export) -> None:
        export.entries[0]["hash"] = "a" * 64

    refused = refusal_of(forged(lie, chain=False))

    assert (refused.seq, refused.code) == (1, "hash_mismatch")


def test_an_event_that_follows_another_is_refused() -> None:
    def cut_the_chain(export: Export) -> None:
        body = export.bodies()[3]
        body["prev_hash"] = "b" * 64
        entry = export.entries[export.place_of(body)]
        entry["hash"] = hash_event(canonical_bytes(body))

    refused = refusal_of(forged(cut_the_chain, chain=False))

    assert (refused.seq, refused.code) == (4, "prev_hash_mismatch")
