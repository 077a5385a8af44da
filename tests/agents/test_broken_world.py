"""A run in a world that is found broken ends, and asks its model no more."""

import pytest

from lifecycle.agents.turn import Turn
from lifecycle.usecases.errors import WorldBrokenError
from lifecycle.usecases.verify import verify_world
from tests.agents.running import Run, wait_call
from tests.journal.tampering import tamper
from tests.scripted_model.server import ScriptedModel
from tests.service import found_world

pytestmark = pytest.mark.django_db


def test_a_turn_in_which_the_world_is_found_broken_ends_its_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found_world()
    take = Turn.take

    def find_the_fault_and_take(turn: Turn) -> object:
        tamper("UPDATE lifecycle_journalevent SET tick = 9 WHERE seq = 4")
        verify_world("demo")
        return take(turn)

    monkeypatch.setattr(Turn, "take", find_the_fault_and_take)

    with ScriptedModel(wait_call(), after="repeat") as model:
        run = Run(model, turns=3)

    assert run.outcomes == ["world_broken"]
    assert (run.document["state"], run.document["reason"]) == ("failed", "world_broken")
    assert len(run.turns[0]["steps"]) == 1
    with ScriptedModel(wait_call()) as model, pytest.raises(WorldBrokenError):
        Run(model)
