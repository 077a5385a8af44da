"""Judge an action under a world's lock and write down what follows: the heart of every use case.

Callers open the transaction; nothing here commits.
"""

from datetime import datetime
from typing import NamedTuple

from lifecycle.content import store as content
from lifecycle.core.actions import Action
from lifecycle.core.decide import decide
from lifecycle.core.events import Actor, Event, Recorded
from lifecycle.core.evolve import MeasureContent, evolve, tick_after
from lifecycle.core.ids import DecisionId
from lifecycle.core.policy import Policy
from lifecycle.core.rejections import Rejection
from lifecycle.core.state import WorldState
from lifecycle.journal import store as journal
from lifecycle.journal.store import Appended, Head
from lifecycle.projections.project import project
from lifecycle.projections.slices import Slicer, founding_state
from lifecycle.usecases.clock import utc_text


class Judgement(NamedTuple):
    """What the rules say of an action in the state they saw: events, or a rejection."""

    state: WorldState
    events: tuple[Event, ...]
    rejection: Rejection | None


class Stamp(NamedTuple):
    """Who acts, under which decision, and when."""

    decision_id: DecisionId | None
    actor: Actor
    now: datetime


def judge(head: Head, action: Action, policy: Policy) -> Judgement:
    """Load the slice that an action needs and let the rules judge it."""
    founding = founding_state(head.origin_id, head.name, head.tick, head.seq)
    state = Slicer(head.world_pk, founding).slice_for(action)
    verdict = decide(state, action, policy)
    if isinstance(verdict, tuple):
        return Judgement(state, verdict, None)
    return Judgement(state, (), verdict)


def record(
    head: Head,
    state: WorldState,
    events: tuple[Event, ...],
    stamp: Stamp,
    measure_content: MeasureContent = content.size_of,
) -> tuple[Appended, ...]:
    """Append events at a locked head and project them.

    `evolve` runs over the slice first, so that what enters the journal is what replay accepts.

    Raises:
        InvariantError: the rules let something through that no true history holds.
    """
    seq, placed = head.seq, []
    recorded_at = utc_text(stamp.now)
    for event in events:
        seq += 1
        recorded = Recorded(
            seq, tick_after(state, event), event, stamp.decision_id, stamp.actor, recorded_at
        )
        state = evolve(state, recorded, measure_content)
        placed.append(recorded)
    if not placed:
        return ()
    appended = journal.append(head, placed)
    for recorded in placed:
        project(head.world_pk, recorded)
    return appended
