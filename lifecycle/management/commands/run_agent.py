"""`run_agent`: let a model act for an agent, here and now. What a turn does stands in `agents`."""

import signal
from argparse import Namespace
from typing import Any

from django.core.management.base import CommandParser

from lifecycle.access.callers import get_any_world
from lifecycle.agents.runner import TurnReport, run_in_foreground
from lifecycle.management.command import OperatorCommand, broken
from lifecycle.usecases.queries.decisions import get_decision
from lifecycle.usecases.queries.runs import DECIDED, get_run, turn_of_decision
from lifecycle.usecases.run_requests import DIALECTS, RunRequest


class Command(OperatorCommand):
    """Let a model act for an agent."""

    help = (
        "Let a model of any OpenAI-compatible server act for an agent, turn by turn, and print a "
        "line a turn. The key comes from OPENAI_API_KEY. Ctrl-C ends the run after the turn that "
        "is being taken, a second one at once. Exit status 1 when the run fails, or no turn came "
        "to a decision."
    )
    example = (
        "run_agent --world harbour --agent scout --model gpt-5 "
        "--base-url https://api.openai.com/v1 --turns 10\n"
        "run_agent --world harbour --agent scout --model local "
        "--base-url http://127.0.0.1:8080/v1 --dialect json_schema"
    )
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whom to run, by which model, how and how long."""
        parser.add_argument("--world", required=True, help="The world's slug.")
        parser.add_argument("--agent", required=True, help="The agent's id.")
        parser.add_argument("--model", required=True, help="The model's name at its server.")
        parser.add_argument(
            "--base-url", required=True, help="The API's address, such as https://host/v1."
        )
        parser.add_argument("--goal", default="", help="What the model is told to strive for.")
        parser.add_argument("--turns", type=int, default=1, help="How many turns (1).")
        parser.add_argument(
            "--dialect", choices=DIALECTS, default=DIALECTS[0], help="How the model is asked."
        )
        parser.add_argument(
            "--strict", action="store_true", help="Define tools in the provider's strict form."
        )

    def work(self, options: Namespace) -> None:
        """Run to the end, print, and fail where nothing was decided."""
        self._interrupted = False
        self._decided = 0
        signal.signal(signal.SIGINT, self._interrupt)
        signal.signal(signal.SIGTERM, self._interrupt)
        self._world = get_any_world(options.world)
        self._turns: list[dict[str, Any]] | None = [] if options.json else None
        run_id = self._run(_request(options))
        run = get_run(self._world, run_id)
        if self._turns is None:
            taken = _counted(run["turns_taken"], "turn")
            decided = f"{run['turns_decided']} of {run['turns_taken']} decided"
            self.tell(f"run {run_id} {run['state']} after {taken}, {decided}")
        else:
            self.tell_json({**run, "turns": self._turns})
        if run["state"] == "failed" or not self._decided:
            raise broken(f"The run came to nothing: {run['reason'] or 'no turn has a decision'}.")

    def _run(self, request: RunRequest) -> str:
        try:
            return run_in_foreground(request, self._report, lambda: self._interrupted)
        except KeyboardInterrupt:
            self.note("Broken off. The turn that was being taken is recorded as lost.")
            raise

    def _interrupt(self, *_: object) -> None:
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True
        self.note("Ending after this turn. Ctrl-C again ends at once.")

    def _report(self, report: TurnReport) -> None:
        recorded, outcome = report.ended.recorded, report.ended.outcome
        self._decided += recorded.status in DECIDED
        turn = turn_of_decision(self._world, recorded.decision_id)
        if self._turns is not None:
            self._turns.append(turn or {})
            return
        told = f"turn {report.number}  {outcome}  {recorded.decision_id}"
        if turn is not None:
            calls = _counted(turn["calls"], "call")
            if turn["requests"] != turn["calls"]:
                calls += f" ({_counted(turn['requests'], 'request')})"
            tokens = f"{turn['tokens_in']}+{turn['tokens_out']} tokens"
            told += f"  {calls}, {tokens}, {turn['latency_ms']} ms"
        self.tell(told)
        self._tell_why_not(recorded.decision_id)
        self.stdout.flush()

    def _tell_why_not(self, decision_id: str) -> None:
        """Say what was wrong with an answer, and what to do, in the words of its page."""
        rejection = get_decision(self._world, decision_id)["rejection"]
        if rejection is not None:
            self.tell(f"        {rejection['message']} {rejection['hint']}")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _request(options: Namespace) -> RunRequest:
    return RunRequest(
        world=options.world,
        agent_id=options.agent,
        model=options.model,
        base_url=options.base_url,
        dialect=options.dialect,
        turns=options.turns,
        goal=options.goal,
        strict=options.strict,
        foreground=True,
    )
