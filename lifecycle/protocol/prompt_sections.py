"""The sections of one prompt: templates filled with what one turn knows, ready to be written.

Which of their entries find room is not decided here.
"""

from collections.abc import Mapping, Sequence
from string import Template
from typing import Final, NamedTuple

from lifecycle.core.values import JsonObject, JsonValue, Value
from lifecycle.protocol.names import DECISION_NAMES
from lifecycle.protocol.prompt_data import Limits, data_block, encode_data, shorten
from lifecycle.protocol.prompt_templates import (
    Dialect,
    QueryAnswerTemplate,
    Role,
    SectionTemplate,
    Templates,
)
from lifecycle.protocol.schema import MODELS, DecisionBase, json_types

PARTS: Final = "parts"
_DATA: Final = "data"
_DISCRIMINATOR: Final = "decision"
_NO_DATA: Final[JsonObject] = {}


class Repeated(Value):
    """A decision that an agent keeps sending.

    Attributes:
        times: How often it was sent, one after the other.
        decision: The decision as its record shows it.
        refusal: Code, field, message and hint; `None` where it was carried out and changed nothing.
    """

    times: int
    decision: JsonObject
    refusal: JsonObject | None = None


class Briefing(Value):
    """Everything that one turn's prompt tells a model.

    Attributes:
        agent_id: Who decides.
        world: The world's name in addresses.
        goal: The text of whoever set the agent to work; blank takes the templates' own.
        dialect: How the model is asked to answer.
        queries: How many queries the turn may ask, >= 0.
        observation: The world as the agent sees it. Its lists are cut where room lacks, from the
            end on; what else it holds always stays.
        history: The agent's turns so far, the oldest first.
        memory: What is worth to be known from before, the most important first.
        repeated: Set when the agent must plan anew.
    """

    agent_id: str
    world: str
    goal: str
    dialect: Dialect
    queries: int
    observation: JsonObject
    history: tuple[JsonValue, ...] = ()
    memory: tuple[JsonValue, ...] = ()
    repeated: Repeated | None = None


class Entry(NamedTuple):
    """A piece of text that stands or is left out as a whole, and what was cut inside of it."""

    text: str
    removed: tuple[str, ...] = ()


class Listed(NamedTuple):
    """Entries, the most important first."""

    name: str
    entries: tuple[Entry, ...]
    priority: int


class Section(NamedTuple):
    """A section, its values in place.

    Attributes:
        name: As its template's, like the fields that are not told here.
        values: What fills the holes, but for data and parts.
        facts: The fields of its data, in order; `None` where it has no data.
        lists: Its lists, of data or of parts.
        block: Whether its data is marked as such.
    """

    name: str
    text: str
    role: Role
    priority: int
    required: bool
    values: Mapping[str, str]
    facts: Mapping[str, Entry | Listed] | None
    lists: tuple[Listed, ...]
    share: int = 100
    oldest_first: bool = False
    block: bool = True

    def write(self, kept: Mapping[str, int]) -> str:
        """Write the section, with the first few entries of each list.

        Args:
            kept: How many entries, by the list's name; none of a list that is not named.
        """
        values = dict(self.values)
        if self.facts is not None:
            data = _written_data(self, self.facts, kept)
            values[_DATA] = data_block(self.name, data) if self.block else data
        elif self.lists:
            values[PARTS] = _written_parts(self.lists[0], kept.get(PARTS, 0))
        return filled(self.text, values)


def _written_data(
    section: Section, facts: Mapping[str, Entry | Listed], kept: Mapping[str, int]
) -> str:
    fields: list[str] = []
    for name, fact in facts.items():
        if isinstance(fact, Listed):
            fields += _written_list(fact, kept.get(name, 0), oldest_first=section.oldest_first)
        else:
            fields.append(f"{encode_data(name)}:{fact.text}")
    return "{" + ",".join(fields) + "}"


def _written_list(listed: Listed, count: int, *, oldest_first: bool) -> list[str]:
    texts = [entry.text for entry in listed.entries[:count]]
    if oldest_first:
        texts.reverse()
    written = f"{encode_data(listed.name)}:[{','.join(texts)}]"
    left_out = len(listed.entries) - count
    if not left_out:
        return [written]
    # Behind the list: the number is another each turn, and what stands before it stays the same.
    return [written, f"{encode_data(f'{listed.name}_left_out')}:{left_out}"]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Fill the holes of a text, once: a placeholder inside of a value stays as it is."""
    return Template(text).substitute(values)


def _written_parts(parts: Listed, count: int) -> str:
    texts = [entry.text for entry in parts.entries[:count]]
    left_out = len(parts.entries) - count
    if left_out:
        texts.append(f"({left_out} more had no room here.)")
    return "\n\n".join(texts)


def sections_of(templates: Templates, briefing: Briefing) -> tuple[Section, ...]:
    """Give the sections of a turn's prompt in order; those with nothing to tell are left out."""
    values = {
        "agent_id": encode_data(briefing.agent_id),
        "world": encode_data(briefing.world),
        "goal": encode_data(briefing.goal.strip() or templates.default_goal),
        "queries": str(briefing.queries),
        "decisions": decision_lines(),
        "times": str(briefing.repeated.times if briefing.repeated else 0),
    }
    documents = _documents_of(briefing)
    return tuple(
        _section(template, values, documents.get(template.name))
        for template in templates.section
        if template.is_for(briefing.dialect, may_ask=briefing.queries > 0)
        and documents.get(template.name, _NO_DATA) is not None
    )


def _documents_of(briefing: Briefing) -> dict[str, JsonObject | None]:
    repeated = briefing.repeated
    return {
        "observation": briefing.observation,
        "history": {"turns": briefing.history} if briefing.history else None,
        "memory": {"notes": briefing.memory} if briefing.memory else None,
        "replan": {"decision": repeated.decision, "refusal": repeated.refusal}
        if repeated
        else None,
    }


def _section(
    template: SectionTemplate, values: Mapping[str, str], document: JsonObject | None
) -> Section:
    facts = None if document is None else _facts_of(template, document)
    lists = tuple(fact for fact in (facts or {}).values() if isinstance(fact, Listed))
    if template.part_texts:
        entries = tuple(map(Entry, template.part_texts))
        lists = (Listed(PARTS, entries, template.priority),)
    return Section(
        name=template.name,
        text=template.text,
        role=template.role,
        priority=template.priority,
        required=template.required,
        values=values,
        facts=facts,
        lists=lists,
        share=template.share,
        oldest_first=template.oldest_first,
    )


def _facts_of(template: SectionTemplate, document: JsonObject) -> dict[str, Entry | Listed]:
    limits = Limits(template.longest_text, template.most_items)
    facts: dict[str, Entry | Listed] = {}
    for name, value in document.items():
        if isinstance(value, list | tuple):
            priority = template.lists.get(name, template.priority)
            items = reversed(value) if template.oldest_first else value
            entries = tuple(_entry(item, limits) for item in items)
            facts[name] = Listed(name, entries, priority)
        else:
            facts[name] = _entry(value, limits)
    return facts


def _entry(value: JsonValue, limits: Limits) -> Entry:
    shortened = shorten(value, limits)
    return Entry(encode_data(shortened.value), shortened.removed)


def query_answer_section(
    template: QueryAnswerTemplate, dialect: Dialect, tool_name: str, document: JsonObject
) -> Section:
    """Give the answer to a query as a section; where tools have a role, as bare JSON.

    Args:
        template: The text around the answer.
        dialect: How the model was asked to answer.
        tool_name: The one name of the tool.
        document: What the tool answered; its lists may be cut from the end on.
    """
    bare = dialect is Dialect.TOOLS
    made = SectionTemplate(
        name="answer",
        file=template.file,
        role="user",
        priority=0,
        required=True,
        longest_text=template.longest_text,
        most_items=template.most_items,
        text=f"${_DATA}" if bare else template.text,
    )
    return _section(made, {"tool": tool_name}, document)._replace(block=not bare)


def decision_lines() -> str:
    """List the decisions with their fields and types, from the one schema."""
    lines = [_decision_line(name) for name in DECISION_NAMES]
    shared = ", ".join(_typed(DECISION_NAMES[0], list(DecisionBase.model_fields)))
    return "\n".join([*lines, f"- each of them: may have {shared}"])


def _decision_line(name: str) -> str:
    fields = MODELS[name].model_fields
    needed = [key for key, field in fields.items() if field.is_required()]
    optional = [key for key in fields if key not in {*needed, *DecisionBase.model_fields}]
    lists = [("needs", needed), ("may have", optional)]
    told = [f"{word} {', '.join(_typed(name, keys))}" for word, keys in lists if _typed(name, keys)]
    return f"- {name}: {'; '.join(told)}"


def _typed(name: str, keys: Sequence[str]) -> list[str]:
    types = json_types(name)
    return [f"{key} ({types[key]})" for key in keys if key != _DISCRIMINATOR]
