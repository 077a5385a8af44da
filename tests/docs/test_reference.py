"""What callers and operators program against is in the reference, by its own name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver

from lifecycle.codec.upcasters import CURRENT_VERSIONS
from lifecycle.protocol.compile_words import COMPILE_WORDS
from lifecycle.protocol.edge_words import EDGE_WORDS
from lifecycle.protocol.fault_words import FAULT_WORDS
from lifecycle.protocol.model_words import MODEL_WORDS
from lifecycle.protocol.names import DECISION_NAMES
from lifecycle.protocol.rule_words import RULE_WORDS
from lifecycle.protocol.team_words import TEAM_WORDS
from lifecycle.protocol.wording import WORDED_CODES
from worldsim.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")

# Words that hold for a code whatever its facts; its variants are for some of them.
WORDS = {
    code: words
    for table in (RULE_WORDS, COMPILE_WORDS, FAULT_WORDS, EDGE_WORDS, MODEL_WORDS, TEAM_WORDS)
    for code, words in table.items()
    if "." not in code
}


def variables() -> Iterator[str]:
    """Name the environment variable of each setting."""
    for name, field in Environment.model_fields.items():
        alias = field.validation_alias
        choices = getattr(alias, "choices", None)
        yield str(choices[0]) if choices else f"WORLDSIM_{name.upper()}"


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Give every address outside of the admin, as the reference writes it."""
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not address.startswith("/admin"):
                yield from addresses(pattern.url_patterns, address)
        elif address.endswith("/"):
            yield re.sub(r"<\w+:(\w+)>", r"{\1}", address)


def our_commands() -> list[str]:
    """Name the commands of this project."""
    return [name for name, app in get_commands().items() if app == "lifecycle"]


@pytest.mark.parametrize("variable", list(variables()))
def test_every_setting_is_in_the_reference(variable: str) -> None:
    assert f"| `{variable}` |" in REFERENCE


@pytest.mark.parametrize("kind", list(CURRENT_VERSIONS))
def test_every_event_is_in_the_reference_with_its_version(kind: str) -> None:
    assert f"| `{kind}` | {CURRENT_VERSIONS[kind]} |" in REFERENCE


@pytest.mark.parametrize("code", sorted(WORDED_CODES - {"unknown"}))
def test_every_code_is_in_the_reference(code: str) -> None:
    assert f"| `{code}` |" in REFERENCE


@pytest.mark.parametrize("code", sorted(set(WORDS) - {"unknown", "world_broken"}))
def test_the_words_of_a_code_are_those_that_callers_get(code: str) -> None:
    message, hint = (in_the_reference(text) for text in WORDS[code])

    assert f"| `{code}` | {message} | {hint} |" in REFERENCE


def in_the_reference(template: str) -> str:
    """Write a template as the reference does: facts in italics, without what may be missing."""
    return re.sub(r"\{(\w+)(:plain)?\}", r"*\1*", re.sub(r"\[\[.*?\]\]", "", template))


@pytest.mark.parametrize("decision", DECISION_NAMES)
def test_every_decision_is_in_the_reference(decision: str) -> None:
    assert f"| `{decision}` |" in REFERENCE


@pytest.mark.parametrize("command", our_commands())
def test_every_command_is_in_the_reference(command: str) -> None:
    assert re.search(rf"\| `{command}[ `]", REFERENCE)


@pytest.mark.parametrize("address", sorted(set(addresses(get_resolver().url_patterns))))
def test_every_address_is_in_the_reference(address: str) -> None:
    shown = address.removeprefix("/api/v1/").replace("{slug}", "{world}")
    assert f"`{shown}`" in REFERENCE


@pytest.mark.parametrize(
    "variable", sorted(set(re.findall(r"\| `((?:WORLDSIM_)?[A-Z_]+)` \|", REFERENCE)))
)
def test_the_reference_names_no_setting_that_is_gone(variable: str) -> None:
    assert variable in set(variables())
