"""A small set of prompt texts and briefings for tests, apart from those that are in use.

No expectation belongs here.
"""

import re
from typing import Any, Final

from lifecycle.protocol.prompt_sections import Briefing, Repeated
from lifecycle.protocol.prompt_templates import Dialect, Templates, parse_templates

BLOCK: Final = re.compile(r'<data name="(\w+)">\n(.*)\n</data>')
TEXTS: Final = {
    "policy.md": "You are $agent_id in $world.\n",
    "goals.md": "Goal: $goal\n",
    "asking.md": "Ask at most $queries times.\n",
    "deciding.md": "Decide.\n",
    "decisions.md": "Examples:\n$parts\n",
    "one.md": "first example\n",
    "two.md": "second example\n",
    "three.md": "third example\n",
    "guidance.md": "Guidance costs $$0.\n",
    "memory.md": "Memory:\n$data\n",
    "history.md": "History:\n$data\n",
    "observation.md": "Now:\n$data\n",
    "replan.md": "Repeated $times times:\n$data\n",
    "output.md": "Answer.\n$decisions\n",
    "repair.md": "Mend this:\n$data\nThen answer again.\n",
    "query_answer.md": "Answer of $tool:\n$data\n",
}


def section(name: str, file: str, **fields: object) -> dict[str, Any]:
    """Give a section of a manifest; required ones are known by their name."""
    required = name in {"policy", "goals", "tool_protocol", "observation", "replan"}
    required = required or name == "output_schema"
    known = {"name": name, "file": file, "role": "user", "priority": 50, "required": required}
    return {**known, **fields}


def manifest() -> dict[str, Any]:
    """Give a manifest that is as it should be."""
    return {
        "version": "t1",
        "default_goal": "Do something useful.",
        "section": [
            section("policy", "policy.md", role="system"),
            section("goals", "goals.md", role="system"),
            section("tool_protocol", "asking.md", role="system", queries=True),
            section("tool_protocol", "deciding.md", role="system", queries=False),
            section(
                "decisions",
                "decisions.md",
                role="system",
                priority=80,
                parts=["one.md", "two.md", "three.md"],
            ),
            section("guidance", "guidance.md", role="system", priority=90),
            section("memory", "memory.md", priority=30),
            section("history", "history.md", priority=40, share=60, oldest_first=True),
            section(
                "observation",
                "observation.md",
                lists={"results": 70, "places": 20},
                longest_text=100,
                most_items=3,
            ),
            section("replan", "replan.md"),
            section("output_schema", "output.md"),
        ],
        "repair": {"file": "repair.md", "most_words": 60},
        "query_answer": {"file": "query_answer.md", "longest_text": 100, "most_items": 3},
    }


def templates() -> Templates:
    """Give the templates of this file."""
    return parse_templates(manifest(), TEXTS)


REPEATED: Final = Repeated(3, {"decision": "wait"}, {"code": "busy", "field": None})


def briefing(**changes: object) -> Briefing:
    """Give what a turn tells, with other values where they are named."""
    known: dict[str, Any] = {
        "agent_id": "scout",
        "world": "demo",
        "goal": "Build a clock.",
        "dialect": Dialect.TEXT,
        "queries": 2,
        "observation": {"tick": 9, "results": ["r1", "r2"], "places": ["harbour"], "others": []},
        "history": ({"turn": 1}, {"turn": 2}, {"turn": 3}),
        "memory": ("m1", "m2"),
    }
    return Briefing(**{**known, **changes})
