"""The prompt that a turn begins with, made from records.

What the model answers is not read here.
"""

from typing import Final

from django.conf import settings

from lifecycle.agents.dialects import may_ask, tokens_beside
from lifecycle.agents.templates import load_templates
from lifecycle.protocol.prompt import Cut, Prompt, PromptTooLarge, assemble
from lifecycle.protocol.prompt_budget import Budget
from lifecycle.protocol.prompt_sections import Briefing, Repeated
from lifecycle.protocol.prompt_templates import Dialect
from lifecycle.usecases.queries.agent_context import agent_context, last_decision
from lifecycle.usecases.runs import TurnLease
from lifecycle.usecases.turns import Recent

# So many equal decisions in a row, and the agent is told to plan anew.
_REPEATS: Final = 3


def prompt_of(lease: TurnLease, recent: list[Recent]) -> Prompt | PromptTooLarge:
    """Write the prompt of a turn.

    Args:
        lease: The turn.
        recent: The agent's last decisions, newest first.
    """
    dialect, owner = Dialect(lease.dialect), lease.owner
    asks = may_ask(dialect)
    context = agent_context(owner.world, owner.agent_id, with_status=not asks)
    briefing = Briefing(
        agent_id=owner.agent_id,
        world=owner.world.slug,
        goal=lease.goal,
        dialect=dialect,
        queries=settings.ENVIRONMENT.turn_queries if asks else 0,
        observation=context.observation,
        history=context.history,
        memory=context.memory,
        repeated=_repeated(lease, recent),
    )
    limits = settings.ENVIRONMENT
    beside = tokens_beside(dialect, strict=lease.strict, answer_tokens=limits.turn_answer_tokens)
    return assemble(load_templates(), briefing, Budget(limits.prompt_tokens, beside))


def _repeated(lease: TurnLease, recent: list[Recent]) -> Repeated | None:
    """Say which decision an agent keeps sending, where it does."""
    times = 0
    for one in recent:
        if not one.kind or one.body_digest != recent[0].body_digest:
            break
        times += 1
    if times < _REPEATS:
        return None
    last = last_decision(lease.owner.world, lease.owner.agent_id)
    return None if last is None else Repeated(times, last["decision"], last["refusal"])


def cut_lines(prompt: Prompt) -> list[str]:
    """Say what is not in a prompt, a line each."""
    return [_cut_line(cut) for cut in prompt.cut]


def _cut_line(cut: Cut) -> str:
    match cut.what:
        case "section":
            what = "left out"
        case "entries":
            what = f"{cut.entries} of {cut.name} left out"
        case "text":
            what = f"long texts shortened in {cut.entries} places"
    return f"{cut.section}: {what} ({cut.tokens} tokens)"
