"""The slice that the rules see: the same verdict as the whole state gives, whatever came before."""

import random

import pytest

from lifecycle.codec.state import state_digest
from lifecycle.content import store as content
from lifecycle.core.actions import Action, CreateWorld, RegisterAgent, RegisterLocation
from lifecycle.core.decide import decide as judge_whole
from lifecycle.core.evolve import initial, replay
from lifecycle.core.ids import AgentId, LocationId
from lifecycle.core.policy import Policy
from lifecycle.core.state import WorldState
from lifecycle.journal.reading import stream_checked
from lifecycle.journal.store import Head, get_head
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.projections.slices import Slicer, founding_state
from lifecycle.projections.whole import load_state
from lifecycle.usecases import compile as compile_jobs
from lifecycle.usecases import submit, worlds
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.importing import import_world
from lifecycle.usecases.recording import Judgement, judge
from lifecycle.usecases.timetravel import state_at
from lifecycle.usecases.verify import rebuild_world, verify_world
from tests.service import found_world
from tests.usecases.histories import AGENTS, export_file, exported, random_decision

pytestmark = pytest.mark.django_db

SEEDS = range(6)
STEPS = 40


def folded(to: int | None = None) -> WorldState:
    """Fold the journal into a state."""
    world_pk = get_head("demo").world_pk
    return replay(initial(), stream_checked(world_pk, to=to), content.measure)


def live() -> WorldState:
    """Read the state from the projections."""
    head = get_head("demo")
    founding = founding_state(head.origin_id, head.name, head.tick, head.seq)
    return load_state(head.world_pk, founding)


def play(seed: int, steps: int = STEPS) -> None:
    """Found a world and let chance decide what its agents do."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    found_world("demo", *AGENTS)
    worlds.add_location("demo", "pier")
    for _ in range(steps):
        random_decision(chance)
        waiting = CompileJob.objects.filter(state=JobState.QUEUED)
        if waiting and chance.random() < 0.5:
            run_job(chance.choice(waiting).pk)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Judge by the whole state too whenever the service judges by a slice; give what was judged."""
    names: list[str] = []

    def judge_both(head: Head, action: Action, policy: Policy) -> Judgement:
        judgement = judge(head, action, policy)
        whole = judge_whole(folded(), action, policy)
        if isinstance(whole, tuple):
            assert (judgement.events, judgement.rejection) == (whole, None)
        else:
            assert (judgement.events, judgement.rejection) == ((), whole)
        names.append(type(action).__name__)
        return judgement

    monkeypatch.setattr(submit, "judge", judge_both)
    monkeypatch.setattr(compile_jobs, "judge", judge_both)
    return names


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_slices_projections_replay_and_export_agree(
    seed: int, judged: list[str]
) -> None:
    play(seed)
    assert len(judged) >= STEPS
    assert len(set(judged)) >= 5

    require_projections_as_the_journal_gives()
    require_every_place_can_be_looked_back_to()
    require_replay_in_two_parts_as_in_one()
    require_rebuild_as_step_by_step()
    require_export_comes_back_byte_for_byte()


def require_projections_as_the_journal_gives() -> None:
    report = verify_world("demo")
    assert report.ok, report
    assert report.state_digest == state_digest(live()) == state_digest(folded())


def require_every_place_can_be_looked_back_to() -> None:
    state = initial()
    assert state_at("demo", 0).digest == state_digest(state)
    for recorded in stream_checked(get_head("demo").world_pk):
        state = replay(state, [recorded], content.measure)
        assert state_at("demo", recorded.seq).digest == state_digest(state)
    assert state_at("demo").digest == state_digest(state)


def require_replay_in_two_parts_as_in_one() -> None:
    events = list(stream_checked(get_head("demo").world_pk))
    whole = state_digest(replay(initial(), events, content.measure))
    for cut in range(0, len(events), 7):
        first = replay(initial(), events[:cut], content.measure)
        assert state_digest(replay(first, events[cut:], content.measure)) == whole


def require_rebuild_as_step_by_step() -> None:
    before = state_digest(live())
    report = rebuild_world("demo")
    assert report.ok, report
    assert state_digest(live()) == before


def require_export_comes_back_byte_for_byte() -> None:
    original = exported()
    imported = import_world(export_file(), as_slug="copy")
    assert exported("copy") == original
    assert imported.state_digest == state_digest(folded())
    assert verify_world("copy").ok


def test_founding_a_world_is_judged_on_a_slice_too() -> None:
    found_world()
    head = get_head("demo")
    founding = founding_state(head.origin_id, head.name, head.tick, head.seq)
    slicer = Slicer(head.world_pk, founding)
    policy = Policy()
    actions: tuple[Action, ...] = (
        CreateWorld("other", "other"),
        RegisterLocation(LocationId("hub")),
        RegisterLocation(LocationId("pier")),
        RegisterAgent(AgentId("ada"), None),
        RegisterAgent(AgentId("cyd"), LocationId("hub")),
        RegisterAgent(AgentId("cyd"), LocationId("pier")),
    )

    for action in actions:
        expected = judge_whole(folded(), action, policy)
        assert judge_whole(slicer.slice_for(action), action, policy) == expected
