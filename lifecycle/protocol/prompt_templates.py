"""The texts of prompts as values: sections with role, priority and holes, checked when loaded.

The texts themselves are data and arrive as arguments; what fills their holes is not said here.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import product
from string import Template
from typing import Any, Final, Literal, TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from lifecycle.core.values import Value

Role: TypeAlias = Literal["system", "user"]

# The holes that each section may have, and whether it is of no use without the hole.
_HOLES: Final[Mapping[str, Mapping[str, bool]]] = {
    "policy": {"agent_id": True, "world": True},
    "goals": {"goal": True},
    "tool_protocol": {"queries": False},
    "decisions": {"parts": True},
    "guidance": {},
    "memory": {"data": True},
    "history": {"data": True},
    "observation": {"data": True},
    "replan": {"data": True, "times": False},
    "asking": {},
    "output_schema": {"decisions": False},
}
_ALWAYS: Final = ("policy", "goals", "tool_protocol", "observation", "output_schema")
_NEVER_CUT: Final = frozenset({*_ALWAYS, "replan", "asking"})
_REPAIR: Final = {"data": True}
_QUERY_ANSWER: Final = {"tool": False, "data": True}


class Dialect(StrEnum):
    """The way in which a model is asked to answer."""

    TOOLS = "tools"
    JSON_SCHEMA = "json_schema"
    TEXT = "text"


class TemplateError(ValueError):
    """A set of prompt texts is not one that prompts can be made of."""


class SectionTemplate(Value):
    """One section of every prompt for which it is meant.

    Attributes:
        name: What the section is; which holes it may have follows from it.
        file: Where its text stands; in checked templates `text` holds it.
        role: The message that it belongs to.
        priority: Sections and lists of the lowest priority are cut first.
        required: Never cut.
        dialects: The dialects that it is for.
        queries: Whether it is only for turns that may ask (true), or only for those that may not.
        parts: Files of texts that follow the section's own, the most important first.
        lists: Priorities of lists of the section's data, by name, where they are not the section's.
        share: Per cent of the room left that one of its lists may take while others want some.
        oldest_first: Whether its lists are in order of time, so that they are cut from the front.
        longest_text: Characters of one text in its data that are shown.
        most_items: Items of a list inside of an entry of its data that are shown.
        text: The text, with holes such as `$goal`.
        part_texts: The texts of `parts`.
    """

    name: str
    file: str
    role: Role
    priority: int
    required: bool = False
    dialects: tuple[Dialect, ...] = tuple(Dialect)
    queries: bool | None = None
    parts: tuple[str, ...] = ()
    lists: dict[str, int] = msgspec.field(default_factory=dict)
    share: int = 100
    oldest_first: bool = False
    longest_text: int = 2000
    most_items: int = 16
    text: str = ""
    part_texts: tuple[str, ...] = ()

    def is_for(self, dialect: Dialect, *, may_ask: bool) -> bool:
        """Say whether turns of this kind have the section."""
        return dialect in self.dialects and self.queries in (None, may_ask)


class RepairTemplate(Value):
    """The message after an answer that could not be read, and how many words it may have."""

    file: str
    most_words: int
    text: str = ""


class QueryAnswerTemplate(Value):
    """The message that brings the answer to a query where there is no role for tools."""

    file: str
    longest_text: int = 2000
    most_items: int = 64
    text: str = ""


_Own = TypeVar("_Own", RepairTemplate, QueryAnswerTemplate)


class Templates(Value):
    """Everything that prompts of one version are made of.

    Attributes:
        version: A new one for every change of a text that was in use.
        default_goal: The goal of an agent that was given none.
        section: The sections, in the order in which they are read.
        repair: See `RepairTemplate`.
        query_answer: See `QueryAnswerTemplate`.
    """

    version: str
    default_goal: str
    section: tuple[SectionTemplate, ...]
    repair: RepairTemplate
    query_answer: QueryAnswerTemplate


def parse_templates(manifest: Mapping[str, Any], texts: Mapping[str, str]) -> Templates:
    """Put a manifest and its texts together and check them.

    Args:
        manifest: The fields of `Templates`, without texts.
        texts: Texts by the names of their files.

    Raises:
        TemplateError: a field, a file or a hole is unknown or missing, a text is left over, or
            some turn would lack a section that every prompt needs.
    """
    try:
        read = msgspec.convert(manifest, Templates)
    except msgspec.ValidationError as error:
        raise TemplateError(f"the manifest is not one: {error}") from error
    shelf = _Shelf(texts)
    filled = replace(
        read,
        section=tuple(_with_text(section, shelf) for section in read.section),
        repair=_with_own_text(read.repair, shelf, _REPAIR),
        query_answer=_with_own_text(read.query_answer, shelf, _QUERY_ANSWER),
    )
    shelf.check_nothing_left()
    _check_every_turn(filled.section)
    return filled


class _Shelf:
    """Texts, and which of them were asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._left = set(texts)

    def take(self, file: str, holes: Mapping[str, bool]) -> str:
        text = self._texts.get(file)
        if text is None or not text.strip():
            raise TemplateError(f"{file} is missing or empty")
        self._left.discard(file)
        _check_holes(file, Template(text), holes)
        return text.strip()

    def check_nothing_left(self) -> None:
        if self._left:
            raise TemplateError(f"the manifest does not name {_listed(self._left)}")


def _check_holes(file: str, template: Template, holes: Mapping[str, bool]) -> None:
    if not template.is_valid():
        raise TemplateError(f"{file} holds a $ that begins no placeholder; write $$")
    found = set(template.get_identifiers())
    unknown = found - holes.keys()
    if unknown:
        raise TemplateError(f"nothing fills the placeholders {_listed(unknown)} of {file}")
    missing = {name for name, needed in holes.items() if needed} - found
    if missing:
        raise TemplateError(f"{file} lacks the placeholders {_listed(missing)}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _with_text(section: SectionTemplate, shelf: _Shelf) -> SectionTemplate:
    holes = _HOLES.get(section.name)
    if holes is None:
        raise TemplateError(f"no section is called {section.name}")
    if section.required is not (section.name in _NEVER_CUT):
        raise TemplateError(f"whether {section.name} is required is not the manifest's to choose")
    if bool(section.parts) is not ("parts" in holes):
        raise TemplateError(f"{section.name} has parts or lacks them")
    return replace(
        section,
        text=shelf.take(section.file, holes),
        part_texts=tuple(shelf.take(file, {}) for file in section.parts),
    )


def _with_own_text(template: _Own, shelf: _Shelf, holes: Mapping[str, bool]) -> _Own:
    return replace(template, text=shelf.take(template.file, holes))


def _check_every_turn(sections: tuple[SectionTemplate, ...]) -> None:
    for dialect, may_ask in product(Dialect, (True, False)):
        names = [each.name for each in sections if each.is_for(dialect, may_ask=may_ask)]
        wrong = [name for name in _ALWAYS if name not in names]
        wrong += sorted({name for name in names if names.count(name) > 1})
        if wrong:
            turn = f"{dialect.value} turns that {'may' if may_ask else 'may not'} ask"
            raise TemplateError(f"{turn} do not have {_listed(wrong)} exactly once")
