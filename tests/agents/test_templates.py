"""The texts of prompts that are in use: whole, true to the tools, and kept as they were."""

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from pytest_django import Settings

from lifecycle.agents.templates import CURRENT_VERSION, load_templates, template_versions
from lifecycle.protocol.names import DECISION_NAMES, QUERY_TOOL_NAMES, TOOL_NAME
from lifecycle.protocol.parser import Parsed, parse_answer, parse_decision
from lifecycle.protocol.prompt import Prompt, PromptTooLarge, assemble
from lifecycle.protocol.prompt_budget import Budget
from lifecycle.protocol.prompt_sections import Briefing
from lifecycle.protocol.prompt_templates import Dialect, SectionTemplate, TemplateError
from lifecycle.protocol.queries import Query
from lifecycle.protocol.schema import CompileDecision
from lifecycle.toolchains.catalog import ToolchainConfig
from tests.agents.golden_prompts import (
    GOLDEN,
    example_briefing,
    golden_path,
    written,
)
from tests.toolchains.building import LIMITS, Bench

VERSIONS = template_versions()
JSON_LINE = re.compile(r"^\{.*\}$", re.MULTILINE)


def section(name: str, version: str = CURRENT_VERSION) -> SectionTemplate:
    return next(each for each in load_templates(version).section if each.name == name)


def example_in(text: str) -> bytes:
    (example,) = JSON_LINE.findall(text)
    return str(example).encode()


def decided(text: str) -> Parsed:
    parsed = parse_decision(example_in(text))
    assert isinstance(parsed, Parsed), parsed
    return parsed


def least(dialect: Dialect) -> Briefing:
    """Give a turn that has nothing to tell."""
    return Briefing("a", "w", "", dialect, 3, {"tick": 1})


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_whole_prompt_is_as_its_golden_file_keeps_it(version: str, dialect: Dialect) -> None:
    golden = golden_path(version, dialect).read_text(encoding="utf-8")

    assert written(load_templates(version), dialect) == golden


def test_there_is_a_golden_prompt_for_every_version_and_dialect_and_no_other() -> None:
    expected = {golden_path(version, dialect) for version in VERSIONS for dialect in Dialect}

    assert set(GOLDEN.glob("prompt.*")) == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_every_text_stands_in_a_golden_prompt(version: str, settings: Settings) -> None:
    goldens = "".join(
        golden_path(version, dialect).read_text(encoding="utf-8") for dialect in Dialect
    )
    folder = Path(settings.BASE, "templates", "prompt", version)

    missing = [
        path.name
        for path in folder.glob("*.md")
        if re.split(r"\$\w+", path.read_text(encoding="utf-8"))[0].strip() not in goldens
    ]

    assert missing == []


@pytest.mark.parametrize("version", VERSIONS)
def test_there_is_one_example_of_each_decision_and_it_is_well_formed(version: str) -> None:
    examples = [decided(text) for text in section("decisions", version).part_texts]

    assert sorted(each.decision.decision for each in examples) == sorted(DECISION_NAMES)
    assert all(each.repairs == () for each in examples)


def test_the_example_of_a_compile_compiles(tmp_path: Path) -> None:
    example = decided(section("decisions").part_texts[0]).decision
    assert isinstance(example, CompileDecision)
    bench = Bench(ToolchainConfig(cache_folder=tmp_path, limits=LIMITS))

    made = bench.made("c", example.manifest_path, example.source_files)

    assert made.wasm.startswith(b"\0asm")


@pytest.mark.parametrize("queries", [True, False])
def test_the_tools_are_named_where_they_may_be_called(*, queries: bool) -> None:
    text = next(
        each.text
        for each in load_templates().section
        if each.name == "tool_protocol" and each.queries is queries
    )

    assert TOOL_NAME in text
    assert [name in text for name in QUERY_TOOL_NAMES] == [queries] * len(QUERY_TOOL_NAMES)


def test_the_arguments_that_the_tools_are_shown_with_are_theirs() -> None:
    text = section("tool_protocol").text
    shown = re.findall(r"^- (\w+): .*?(\{.*?\})", text, re.MULTILINE)

    asked = [
        parse_answer(json.dumps({"tool": name, "arguments": json.loads(arguments)}).encode())
        for name, arguments in shown
    ]

    assert len(asked) == 3
    assert all(isinstance(query, Query) for query in asked)


def test_the_example_of_a_question_is_one() -> None:
    query = parse_answer(example_in(section("asking").text))

    assert isinstance(query, Query)
    assert query.repairs == ()


def test_the_form_of_a_text_answer_is_read_as_a_decision() -> None:
    (form,) = (
        each.text
        for each in load_templates().section
        if each.name == "output_schema" and each.dialects == (Dialect.TEXT,)
    )

    (block,) = re.findall(r"```json\n.*?\n```", form, re.DOTALL)
    parsed = parse_decision(block.encode(), text_reply=True)

    assert isinstance(parsed, Parsed)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_prompt_leaves_a_model_of_4096_tokens_room_to_answer(dialect: Dialect) -> None:
    needed = assemble(load_templates(), least(dialect), Budget(0))
    whole = assemble(load_templates(), least(dialect), Budget(4096, reserved_tokens=1024))

    assert isinstance(needed, PromptTooLarge)
    assert needed.needed_tokens < 1500
    assert isinstance(whole, Prompt)
    assert whole.cut == ()


def test_sources_to_mend_and_what_the_compiler_said_outlast_the_history() -> None:
    sources = "int tide(void) { return level; }\n" * 60
    turn = replace(
        example_briefing(Dialect.TOOLS),
        memory=({"source_files": {"tide.c": sources}},),
        history=tuple({"turn": number, "said": "waited " * 20} for number in range(30)),
    )

    prompt = assemble(load_templates(), turn, Budget(5000))

    assert isinstance(prompt, Prompt)
    assert [(each.section, each.name) for each in prompt.cut] == [("history", "turns")]


def test_the_texts_are_read_once() -> None:
    assert load_templates() is load_templates(CURRENT_VERSION)


@pytest.mark.parametrize("version", ["0", "", "..", "1/../1"])
def test_a_version_that_there_is_not_is_refused(version: str) -> None:
    with pytest.raises(TemplateError, match="no prompt texts of version"):
        load_templates(version)


def test_a_manifest_that_says_another_version_than_its_folder_is_refused(
    tmp_path: Path, settings: Settings
) -> None:
    texts = Path(settings.BASE, "templates", "prompt", CURRENT_VERSION)
    copied = tmp_path / "templates" / "prompt" / "copied"
    copied.mkdir(parents=True)
    for path in texts.iterdir():
        (copied / path.name).write_bytes(path.read_bytes())
    settings.BASE = tmp_path

    with pytest.raises(TemplateError, match=f"'copied' says version '{CURRENT_VERSION}'"):
        load_templates("copied")
