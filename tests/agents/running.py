"""Words for tests of agents: a world, a run of a scripted model in it, and its turns.

Nothing here checks anything.
"""

from typing import Any

from lifecycle.access.callers import get_any_world
from lifecycle.agents.runner import TurnReport, run_in_foreground
from lifecycle.core.ids import AgentId
from lifecycle.usecases.queries.runs import get_run, turns_page
from lifecycle.usecases.run_requests import RunRequest
from tests.scripted_model.answers import Answer, call, text
from tests.scripted_model.server import ScriptedModel

DECIDE = "agent_submit_decision"
STATUS = "module_lifecycle_status"
AGENT = AgentId("ada")


def wait_call(ticks: int = 1) -> Answer:
    """Answer with a call that waits."""
    return call(DECIDE, {"decision": "wait_ticks", "ticks": ticks})


def move_call(place: str) -> Answer:
    """Answer with a call that moves."""
    return call(DECIDE, {"decision": "move_agent", "to": place})


def wait_text(ticks: int = 1) -> Answer:
    """Answer with a fenced decision in prose."""
    return text(f'I wait.\n```json\n{{"decision": "wait_ticks", "ticks": {ticks}}}\n```')


class Run:
    """A run that has ended, with its turns in order and what became of each."""

    def __init__(self, model: ScriptedModel, turns: int = 1, **fields: Any) -> None:  # noqa: ANN401 - of a request
        self.reports: list[TurnReport] = []
        world = fields.setdefault("world", "demo")
        fields.setdefault("agent_id", AGENT)
        request = RunRequest(
            model="scripted", base_url=model.base_url, turns=turns, foreground=True, **fields
        )
        run_id = run_in_foreground(request, self.reports.append, lambda: False)
        seen = get_any_world(world)
        self.document = get_run(seen, run_id)
        self.turns = list(reversed(turns_page(seen, run_id, limit=1000).rows))

    @property
    def outcomes(self) -> list[str]:
        """Give the outcome of each turn."""
        return [turn["outcome"] for turn in self.turns]

    @property
    def faults(self) -> list[str | None]:
        """Give the fault's code of each step of the first turn."""
        steps = self.turns[0]["steps"]
        return [step["fault"] and step["fault"]["code"] for step in steps]
