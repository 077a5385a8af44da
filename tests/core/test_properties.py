"""Properties of the rules as a whole: what they decide can follow, and depends on little."""

from dataclasses import dataclass

from hypothesis import given as hypothesis_given
from hypothesis import settings, strategies
from immutables import Map
from msgspec.structs import replace

from lifecycle.core.actions import (
    Action,
    CompileFailed,
    CompileSucceeded,
    CreateWorld,
    DeployModuleArtifact,
    FinishCompile,
    InstallModuleFromArtifact,
    MoveAgent,
    RegisterAgent,
    RegisterLocation,
    WaitTicks,
)
from lifecycle.core.decide import decide
from lifecycle.core.events import Event
from lifecycle.core.evolve import evolve
from lifecycle.core.state import WorldState
from tests.core.builders import (
    ADA,
    BELL,
    BOB,
    CLOCK,
    HARBOUR,
    HUB,
    NOBODY,
    NOWHERE,
    OTHER_WASM,
    POLICY,
    WASM,
    compiling,
    deploying,
    given,
    installing,
    measure,
    measured,
    provenance,
    recorded,
)

AGENTS = strategies.sampled_from([ADA, BOB, NOBODY])
CONTENTS = strategies.sampled_from([WASM, OTHER_WASM])
PLACES = strategies.sampled_from([HUB, HARBOUR, NOWHERE])
MODULES = strategies.sampled_from([CLOCK, BELL])
RESULTS = strategies.one_of(
    strategies.builds(
        lambda content, seq: CompileSucceeded(measured(content), provenance(seq)),
        CONTENTS,
        strategies.integers(6, 20),
    ),
    strategies.just(CompileFailed("compile_failed", {}, None)),
)


def finishing(module: str, result: CompileSucceeded | CompileFailed, seq: int) -> FinishCompile:
    """Finish a request under the seq that the result's provenance names, as the worker does."""
    if isinstance(result, CompileSucceeded):
        seq = result.provenance.request_seq
    return FinishCompile(ADA, CLOCK if module == CLOCK else BELL, seq, result)


ACTIONS: strategies.SearchStrategy[Action] = strategies.one_of(
    strategies.builds(WaitTicks, AGENTS, strategies.integers(1, 2_000_000)),
    strategies.builds(MoveAgent, AGENTS, PLACES),
    strategies.builds(lambda agent: compiling(by=agent), AGENTS),
    strategies.builds(lambda content, agent: deploying(content, by=agent), CONTENTS, AGENTS),
    strategies.builds(
        lambda module, content, agent: installing(module, content, by=agent),
        MODULES,
        CONTENTS,
        AGENTS,
    ),
    strategies.builds(finishing, MODULES, RESULTS, strategies.integers(6, 20)),
    strategies.builds(RegisterLocation, PLACES),
    strategies.builds(RegisterAgent, AGENTS, PLACES),
    strategies.just(CreateWorld("world-2", "Again")),
)


@dataclass
class History:
    """A world that actions were asked of, one after the other."""

    state: WorldState
    seq: int = 5

    def ask(self, action: Action) -> None:
        verdict = decide(self.state, action, POLICY)
        if not isinstance(verdict, tuple):
            return
        for event in verdict:
            self.seq += 1
            self.state = evolve(self.state, recorded(self.state, event, self.seq), measure)


@settings(max_examples=200)
@hypothesis_given(strategies.lists(ACTIONS, max_size=25))
def test_what_the_rules_decide_can_always_follow(actions: list[Action]) -> None:
    history = History(given())

    for action in actions:
        history.ask(action)

    for module in history.state.installed_modules.values():
        artifact = history.state.module_artifacts[module.wasm_hash]
        assert module.installer in artifact.owners
        assert artifact.publisher in artifact.owners


def slice_of(state: WorldState, action: Action) -> WorldState:
    """Keep of a state only what the rules of an action may look at."""
    agents = {ADA, BOB, NOBODY}
    match action:
        case DeployModuleArtifact():
            wanted, module = {action.wasm_hash}, None
        case InstallModuleFromArtifact():
            wanted, module = {action.wasm_hash}, action.module_id
        case _:
            wanted, module = set(), None
    return replace(
        state,
        agents=Map({key: value for key, value in state.agents.items() if key in agents}),
        module_artifacts=Map(
            {key: value for key, value in state.module_artifacts.items() if key in wanted}
        ),
        installed_modules=Map(
            {key: value for key, value in state.installed_modules.items() if key == module}
        ),
        module_versions=Map(
            {key: value for key, value in state.module_versions.items() if key[0] == module}
        ),
    )


@settings(max_examples=200)
@hypothesis_given(strategies.lists(ACTIONS, max_size=15), ACTIONS)
def test_a_verdict_on_a_slice_is_the_verdict_on_the_whole(
    actions: list[Action], action: Action
) -> None:
    history = History(given())
    for earlier in actions:
        history.ask(earlier)

    part = slice_of(history.state, action)

    assert decide(part, action, POLICY) == decide(history.state, action, POLICY)


@settings(max_examples=100)
@hypothesis_given(strategies.lists(ACTIONS, max_size=15), ACTIONS)
def test_the_same_question_has_the_same_answer(actions: list[Action], action: Action) -> None:
    history = History(given())
    for earlier in actions:
        history.ask(earlier)
    before: WorldState = history.state

    first: tuple[Event, ...] | object = decide(history.state, action, POLICY)

    assert decide(before, action, POLICY) == first
    assert history.state == before
