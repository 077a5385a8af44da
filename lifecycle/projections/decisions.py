"""The decision records that follow from the journal: how a compile ended, what an import holds."""

import json

from lifecycle.codec.events import payload_of
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
from lifecycle.core.values import JsonObject
from lifecycle.models.decisions import Decision, DecisionStatus


def project_compile_end(world_pk: int, recorded: Recorded) -> None:
    """Mark the decision whose compile an event ends, where it ends one."""
    event, status, rejection = recorded.event, DecisionStatus.APPLIED, None
    if not ends_compile(event):
        return
    if isinstance(event, ActionRejected):
        status, rejection = DecisionStatus.REJECTED, rejection_text(event.rejection)
    # Of a decision whose compile has ended, or that asked for none, nothing ends any more.
    compiling = Decision.objects.filter(world_id=world_pk, status=DecisionStatus.COMPILING)
    compiling.filter(decision_id=recorded.decision_id).update(
        status=status, rejection=rejection, outcome_seq=recorded.seq
    )


def rejection_text(rejection: RejectionRecord) -> str:
    """Give a rejection as the record keeps it."""
    return json.dumps({"code": rejection.code, "field": rejection.field, "facts": rejection.facts})


def restore(world_pk: int, recorded: Recorded) -> None:
    """Make the record of a decision whose first event was imported.

    What the sender wrote is not in a journal; the arguments are those that the event tells.
    """
    if recorded.decision_id is not None and not ends_compile(recorded.event):
        restored(world_pk, recorded).save(force_insert=True)


def restored(world_pk: int, recorded: Recorded) -> Decision:
    """Give the record of a decision as its first event tells it, not yet stored."""
    event, actor = recorded.event, recorded.actor
    arguments = arguments_told_by(event)
    return Decision(
        world_id=world_pk,
        decision_id=recorded.decision_id or "",
        agent_id=actor.agent_id or "",
        account=actor.account,
        channel=actor.channel,
        submitted_at=recorded.recorded_at,
        body_digest="",
        kind=str(arguments.get("decision", "")),
        status=status_of(event),
        arguments=json.dumps(arguments),
        repairs="[]",
        rejection=(rejection_text(event.rejection) if isinstance(event, ActionRejected) else None),
        first_seq=recorded.seq,
        last_seq=recorded.seq,
    )


def ends_compile(event: Event) -> bool:
    """Say whether an event is the outcome of a compile that an earlier event asked for."""
    if isinstance(event, ActionRejected):
        return event.request_seq is not None
    return isinstance(event, ModuleArtifactDeployed) and event.provenance is not None


def status_of(event: Event) -> DecisionStatus:
    """Give what became of a decision by its first event."""
    if isinstance(event, ActionRejected):
        return DecisionStatus.REJECTED
    if isinstance(event, ModuleCompileRequested):
        return DecisionStatus.COMPILING
    return DecisionStatus.APPLIED


def arguments_told_by(event: Event) -> JsonObject:
    """Give the arguments of a decision as far as its event tells them."""
    match event:
        case ActionRejected():
            return event.action
        case AgentWaited():
            return {"decision": "wait_ticks", "ticks": event.ticks}
        case AgentMoved():
            return {"decision": "move_agent", "to": event.to_location_id}
        case ModuleCompileRequested():
            return {"decision": "compile_module_artifact_from_source", **payload_of(event)}
        case ModuleArtifactDeployed():
            return {"decision": "deploy_module_artifact", **payload_of(event)}
        case ModuleInstalled():
            return {"decision": "install_module_from_artifact", **payload_of(event)}
        case _:
            return {}
