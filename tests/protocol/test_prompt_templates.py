"""A set of prompt texts is taken whole and right, or refused with the reason."""

from collections.abc import Callable
from typing import Any

import pytest

from lifecycle.protocol.prompt_templates import Dialect, TemplateError, parse_templates
from tests.protocol.prompt_texts import TEXTS, manifest, section, templates

Change = Callable[[dict[str, Any]], object]


def named(changed: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in changed["section"] if each["name"] == name)
    return found


def test_texts_are_put_into_their_sections() -> None:
    parsed = templates()

    assert parsed.section[0].text == "You are $agent_id in $world."
    assert parsed.section[4].part_texts == ("first example", "second example", "third example")
    assert parsed.repair.text.startswith("Mend this:")
    assert parsed.query_answer.text.startswith("Answer of $tool:")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("You are $agent_id of $world, $nobody.", "placeholders nobody of policy.md"),
        ("You are ${agent_id} of $world. ${}", "a \\$ that begins no placeholder"),
        ("You are $agent_id.", "policy.md lacks the placeholders world"),
        (" \n", "policy.md is missing or empty"),
    ],
)
def test_a_text_with_an_unknown_broken_or_missing_placeholder_is_refused(
    text: str, reason: str
) -> None:
    with pytest.raises(TemplateError, match=reason):
        parse_templates(manifest(), {**TEXTS, "policy.md": text})


def test_a_text_that_the_manifest_does_not_name_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"does not name spare\.md"):
        parse_templates(manifest(), {**TEXTS, "spare.md": "spare"})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda m: m.pop("version"), "version"),
        (lambda m: m.update(colour="red"), "colour"),
        (lambda m: named(m, "policy").update(role="assistant"), "role"),
        (lambda m: named(m, "policy").update(priority="high"), "priority"),
        (lambda m: named(m, "policy").update(dialects=["morse"]), "morse"),
        (lambda m: named(m, "policy").update(file="none.md"), "none.md is missing"),
        (lambda m: named(m, "policy").update(required=False), "policy is required"),
        (lambda m: named(m, "history").update(required=True), "history is required"),
        (lambda m: named(m, "guidance").update(name="advice"), "no section is called advice"),
        (lambda m: named(m, "decisions").update(parts=[]), "decisions has parts or lacks"),
        (lambda m: named(m, "guidance").update(parts=["one.md"]), "guidance has parts"),
        (
            lambda m: named(m, "output_schema").update(dialects=["tools", "text"]),
            "json_schema turns that may ask do not have output_schema exactly once",
        ),
        (
            lambda m: named(m, "tool_protocol").update(queries=None),
            "tools turns that may not ask do not have tool_protocol exactly once",
        ),
        (
            lambda m: m["section"].append(section("memory", "memory.md")),
            "do not have memory exactly once",
        ),
    ],
)
def test_a_manifest_that_is_not_right_is_refused_with_the_reason(
    change: Change, reason: str
) -> None:
    changed = manifest()
    change(changed)

    with pytest.raises(TemplateError, match=reason):
        parse_templates(changed, TEXTS)


def test_a_section_is_for_the_dialects_and_turns_that_it_names() -> None:
    asking, deciding = templates().section[2:4]

    assert asking.is_for(Dialect.TEXT, may_ask=True)
    assert not asking.is_for(Dialect.TEXT, may_ask=False)
    assert deciding.is_for(Dialect.TOOLS, may_ask=False)
