"""Waiting: the clock runs by the ticks asked for, within the limit."""

from lifecycle.core.actions import WaitTicks
from lifecycle.core.decide import decide
from lifecycle.core.events import AgentWaited
from lifecycle.core.policy import Policy
from lifecycle.core.rejections import AgentNotFound, LimitExceeded
from tests.core.builders import ADA, NOBODY, POLICY, given


def test_an_agent_waits_the_ticks_it_asks_for() -> None:
    assert decide(given(), WaitTicks(ADA, 3), POLICY) == (AgentWaited(ADA, 3),)


def test_the_limit_itself_may_be_waited() -> None:
    policy = Policy(max_wait_ticks=5)

    assert decide(given(), WaitTicks(ADA, 5), policy) == (AgentWaited(ADA, 5),)


def test_more_than_the_limit_is_refused_and_the_limit_named() -> None:
    verdict = decide(given(), WaitTicks(ADA, 6), Policy(max_wait_ticks=5))

    assert verdict == LimitExceeded("ticks", "max_wait_ticks", maximum=5, actual=6)


def test_an_agent_that_is_not_in_the_world_cannot_wait() -> None:
    assert decide(given(), WaitTicks(NOBODY, 1), POLICY) == AgentNotFound("agent_id", NOBODY)


def test_the_clock_stands_after_the_ticks_waited() -> None:
    assert given(AgentWaited(ADA, 3), AgentWaited(ADA, 4)).tick == 7
