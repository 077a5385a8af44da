"""The names of tools and decisions on the wire, and the fixed tables of accepted spellings.

Nothing is guessed: a spelling that is not in a table is no name. Adding one is a line here.
"""

from collections.abc import Mapping
from itertools import product
from typing import Final

TOOL_NAME: Final = "agent_submit_decision"
STATUS_TOOL_NAME: Final = "module_lifecycle_status"
OBSERVATION_TOOL_NAME: Final = "world_observation"
GUIDE_TOOL_NAME: Final = "world_rules_guide"
COMPILE_RESULT_TOOL_NAME: Final = "compile_result"
QUERY_TOOL_NAMES: Final = (
    STATUS_TOOL_NAME,
    OBSERVATION_TOOL_NAME,
    GUIDE_TOOL_NAME,
    COMPILE_RESULT_TOOL_NAME,
)
TOOL_NAMES: Final = (TOOL_NAME, *QUERY_TOOL_NAMES)

WAIT: Final = "wait"
WAIT_TICKS: Final = "wait_ticks"
MOVE_AGENT: Final = "move_agent"
COMPILE: Final = "compile_module_artifact_from_source"
DEPLOY: Final = "deploy_module_artifact"
INSTALL: Final = "install_module_from_artifact"
DECISION_NAMES: Final = (WAIT, WAIT_TICKS, MOVE_AGENT, COMPILE, DEPLOY, INSTALL)

# What models and their frameworks put before and after a tool's name.
_PREFIXES: Final = ("", "functions.", "functions:", "tool:", "tools.")
_SUFFIXES: Final = ("", "_tool")
_SEPARATORS: Final = ("_", ".", "-")


def _camel_case(words: list[str]) -> tuple[str, str]:
    capitals = "".join(word.capitalize() for word in words)
    return capitals, words[0] + capitals[len(words[0]) :]


def _tool_spellings(name: str) -> list[str]:
    words = name.split("_")
    bare = [*_camel_case(words), *(f"{spelling}Tool" for spelling in _camel_case(words))]
    for separators in product(_SEPARATORS, repeat=len(words) - 1):
        joined = words[0]
        for separator, word in zip(separators, words[1:], strict=True):
            joined += separator + word
        bare += [joined + suffix for suffix in _SUFFIXES]
    return [prefix + spelling for prefix in _PREFIXES for spelling in bare]


def _decision_spellings(name: str) -> list[str]:
    words = name.split("_")
    return [name, name.upper(), "-".join(words), ".".join(words), *_camel_case(words)]


TOOL_ALIASES: Final[Mapping[str, str]] = {
    spelling: name for name in TOOL_NAMES for spelling in _tool_spellings(name)
}
DECISION_ALIASES: Final[Mapping[str, str]] = {
    spelling: name for name in DECISION_NAMES for spelling in _decision_spellings(name)
}


def find_tool(spelling: str) -> str | None:
    """Give the one name of the tool meant, or `None` where the table has no such spelling."""
    return TOOL_ALIASES.get(spelling.strip())
