"""Two prompts in a row begin alike, as far as nothing changed: servers keep what they share."""

from itertools import pairwise, takewhile

import pytest
from msgspec.structs import replace

from lifecycle.agents.templates import load_templates
from lifecycle.core.values import JsonObject
from lifecycle.protocol.prompt import Prompt, assemble
from lifecycle.protocol.prompt_budget import Budget
from lifecycle.protocol.prompt_data import encode_data
from lifecycle.protocol.prompt_sections import Briefing
from lifecycle.protocol.prompt_templates import Dialect
from tests.agents.golden_prompts import OBSERVATION, example_briefing
from tests.agents.running import Run, wait_call
from tests.scripted_model.server import ScriptedModel
from tests.service import found_world

# More turns than are told, so that the oldest are left out.
MANY_TURNS = 20


def turn(number: int, dialect: Dialect = Dialect.TOOLS) -> Briefing:
    """Give a turn in a world that went on since the turn before."""
    return replace(
        example_briefing(dialect),
        observation={**OBSERVATION, "head_seq": 40 + number, "tick": number},
        history=tuple(past(each) for each in range(number)),
        repeated=None,
    )


def past(number: int) -> JsonObject:
    return {"turn": number, "decision": {"decision": "wait", "ticks": 1}, "said": "well " * 8}


def messages_of(briefing: Briefing, tokens: int = 32_000) -> tuple[str, str]:
    prompt = assemble(load_templates(), briefing, Budget(tokens))
    assert isinstance(prompt, Prompt)
    system, user = (message.content for message in prompt.messages)
    return system, user


def beginning(one: str, other: str) -> str:
    """Give what two texts share from the start on."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(letter for letter, _ in alike)


def oldest_told(user: str) -> str:
    return user.partition('"turns":[')[2].partition(",")[0]


@pytest.mark.parametrize("dialect", list(Dialect))
def test_two_prompts_in_a_row_share_all_that_did_not_change(dialect: Dialect) -> None:
    system, user = messages_of(turn(6, dialect))
    next_system, next_user = messages_of(turn(7, dialect))

    shared = beginning(user, next_user)
    assert system == next_system
    assert "# Your answer" in shared
    assert encode_data(past(5)) in shared


def test_a_history_that_is_cut_loses_its_oldest_turns_in_steps() -> None:
    room = messages_of(replace(turn(0), history=()))
    tokens = sum(map(len, room)) // 3 + 1000

    oldest = [oldest_told(messages_of(turn(number), tokens)[1]) for number in range(20, 40)]

    assert len(set(oldest)) > 2
    changes = [number for number in range(1, 20) if oldest[number] != oldest[number - 1]]
    assert len(changes) <= 20 // 4 + 1


@pytest.mark.django_db
def test_the_prompts_of_a_run_share_their_beginning() -> None:
    found_world()

    with ScriptedModel(wait_call(), after="repeat") as model:
        Run(model, MANY_TURNS)

    prompts = [[str(each["content"]) for each in one.messages] for one in model.completions]
    assert len(prompts) == MANY_TURNS
    assert len({system for system, _ in prompts}) == 1
    users = [user for _, user in prompts[1:]]
    moved = 0
    for user, next_user in pairwise(users):
        shared = beginning(user, next_user)
        told = user.partition('<data name="history">')[2].partition("]}")[0]
        moved += told not in shared
        assert "# Your answer" in shared
        # What is another number with every event comes behind all else that the agent sees.
        assert user.index('"last_results":') < user.index('"head_seq":') < user.index('"tick":')
    assert 0 < moved <= MANY_TURNS // 8
