"""What a decision costs in a long world beside a short one."""

import sys
from collections.abc import Callable

from bench import service
from bench.filling import fill
from bench.measuring import Goal, latencies, show

SHORT, LONG = 200, 200_000
TIMES = 1500
GOAL = 1.2


def submitter(slug: str, body: bytes) -> Callable[[], object]:
    """Give a function that submits one decision to a world."""
    from lifecycle.core.ids import AgentId
    from lifecycle.protocol.parser import Parsed, parse_decision
    from lifecycle.usecases.submit import Submission, submit

    submission = Submission(slug, AgentId(service.AGENT), None, "api")
    parsed = parse_decision(body)
    if not isinstance(parsed, Parsed):
        raise TypeError(parsed.code)
    return lambda: submit(submission, parsed)


def main() -> int:
    """Submit to both worlds in turn."""
    service.start()
    service.found("long")
    fill(service.SLUG, SHORT)
    fill("long", LONG)
    body = b'{"decision":"wait","ticks":1}'
    measured = latencies(
        {
            f"a decision in a world of {SHORT:,} events": submitter(service.SLUG, body),
            f"a decision in a world of {LONG:,} events": submitter("long", body),
        },
        TIMES,
    )
    short, long = measured.values()
    ratio = long.median / short.median
    return show([short, long], [Goal("long / short", ratio, GOAL, at_least=False)])


if __name__ == "__main__":
    sys.exit(main())
