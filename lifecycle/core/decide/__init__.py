"""`decide`: which function judges which action. The rules themselves live in the families."""

from typing import TypeAlias, assert_never

from lifecycle.core.actions import (
    Action,
    CompileModuleArtifactFromSource,
    CreateWorld,
    DeployModuleArtifact,
    FinishCompile,
    InstallModuleFromArtifact,
    MoveAgent,
    RegisterAgent,
    RegisterLocation,
    WaitTicks,
)
from lifecycle.core.decide.compile import decide_compile, decide_finish_compile
from lifecycle.core.decide.deploy import decide_deploy
from lifecycle.core.decide.install import decide_install
from lifecycle.core.decide.movement import decide_move, decide_wait
from lifecycle.core.decide.world import (
    decide_create_world,
    decide_register_agent,
    decide_register_location,
)
from lifecycle.core.events import Event
from lifecycle.core.policy import Policy
from lifecycle.core.rejections import Rejection
from lifecycle.core.state import WorldState

Verdict: TypeAlias = "tuple[Event, ...] | Rejection"


def decide(state: WorldState, action: Action, policy: Policy) -> Verdict:  # noqa: C901, PLR0911 - one arm an action
    """Judge an action.

    Returns:
        The events it causes, none where it changes nothing; or the rejection.
    """
    match action:
        case WaitTicks():
            return decide_wait(state, action, policy)
        case MoveAgent():
            return decide_move(state, action)
        case CompileModuleArtifactFromSource():
            return decide_compile(state, action, policy)
        case FinishCompile():
            return decide_finish_compile(state, action, policy)
        case DeployModuleArtifact():
            return decide_deploy(state, action, policy)
        case InstallModuleFromArtifact():
            return decide_install(state, action)
        case CreateWorld():
            return decide_create_world(state, action)
        case RegisterLocation():
            return decide_register_location(state, action)
        case RegisterAgent():
            return decide_register_agent(state, action)
        case _:
            assert_never(action)
