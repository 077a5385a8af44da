"""The prompt of one turn: sections within a token budget, as messages with a digest.

The texts that it is made of are data (`prompt_templates`); what it tells arrives as a `Briefing`
(`prompt_sections`). How a model is asked is not said here.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final, Literal

from lifecycle.codec.canonical import canonical_bytes, digest_of
from lifecycle.core.ids import Digest
from lifecycle.core.values import JsonObject, Value
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.prompt_budget import Budget, TokenEstimator, estimate_tokens
from lifecycle.protocol.prompt_data import data_block, encode_data
from lifecycle.protocol.prompt_fitting import Fitting, Message
from lifecycle.protocol.prompt_sections import (
    Briefing,
    Entry,
    Section,
    filled,
    query_answer_section,
    sections_of,
)
from lifecycle.protocol.prompt_templates import Dialect, Templates
from lifecycle.protocol.wording import describe

_MORE: Final = "\N{HORIZONTAL ELLIPSIS}"


class Cut(Value):
    """Something that found no room.

    Attributes:
        section: The section's name.
        what: The whole `section`; the last `entries` of one of its lists (the oldest of a
            history); or the `text` inside of entries that are there.
        name: The list's name, where entries are cut.
        entries: How many entries; for `text`, in how many places.
        tokens: The estimate of what is missing.
    """

    section: str
    what: Literal["section", "entries", "text"]
    name: str | None
    entries: int
    tokens: int


class Prompt(Value):
    """The messages that begin a turn.

    Attributes:
        messages: One of the system, one of the user.
        digest: SHA-256 of `encoded()`.
        tokens_estimated: With what chat templates put around messages.
        cut: What is not in it, or not whole.
        template_version: The version of its texts.
    """

    messages: tuple[Message, ...]
    digest: Digest
    tokens_estimated: int
    cut: tuple[Cut, ...]
    template_version: str

    def encoded(self) -> bytes:
        """Give the canonical JSON of the messages: objects with `content` and `role`."""
        return encode_messages(self.messages)


class PromptTooLarge(Value):
    """What must stand in a prompt takes more than there is room for."""

    code: ClassVar[str] = "prompt_too_large"
    needed_tokens: int
    available_tokens: int

    def facts(self) -> JsonObject:
        """Give both numbers by name."""
        return {"needed_tokens": self.needed_tokens, "available_tokens": self.available_tokens}


class QueryAnswer(Value):
    """The answer to a query as a model reads it: the content of a message, and what is cut."""

    content: str
    tokens_estimated: int
    cut: tuple[Cut, ...]


def assemble(
    templates: Templates,
    briefing: Briefing,
    budget: Budget,
    estimate: TokenEstimator = estimate_tokens,
) -> Prompt | PromptTooLarge:
    """Write the prompt of a turn.

    What is required is never cut. Everything else is, the lowest priority first, and lists entry
    by entry.

    Args:
        templates: The texts.
        briefing: What the turn is about.
        budget: The room of the model that will read it.
        estimate: Tokens of a text; see `estimate_tokens` for how far the default is off.
    """
    fitting = Fitting(sections_of(templates, briefing), estimate)
    too_large = _fill(fitting, budget.available_tokens)
    if too_large is not None:
        return too_large
    messages = fitting.messages()
    return Prompt(
        messages=messages,
        digest=digest_of(encode_messages(messages)),
        tokens_estimated=fitting.tokens(),
        cut=_cuts(fitting, estimate),
        template_version=templates.version,
    )


def write_query_answer(
    templates: Templates,
    dialect: Dialect,
    answered: tuple[str, JsonObject],
    available_tokens: int,
    estimate: TokenEstimator = estimate_tokens,
) -> QueryAnswer | PromptTooLarge:
    """Write the answer to a query for the model that asked.

    Args:
        templates: The texts.
        dialect: How the model was asked to answer. With tools the answer is bare JSON, for a
            message of the tool; otherwise it is data in a message of the user.
        answered: The tool's name, and the document that it answered with.
        available_tokens: Its room; lists of the document are cut from the end on.
        estimate: Tokens of a text.
    """
    section = query_answer_section(templates.query_answer, dialect, *answered)
    fitting = Fitting((section,), estimate)
    too_large = _fill(fitting, available_tokens)
    if too_large is not None:
        return too_large
    content = fitting.messages()[0].content
    return QueryAnswer(content, fitting.tokens(), _cuts(fitting, estimate))


def repair_message(templates: Templates, fault: Malformed) -> Message:
    """Tell a model why its answer could not be read, and what would be accepted.

    The fault's words quote the answer, so they stand as data. The message has at most
    `templates.repair.most_words` words.
    """
    wording = describe(fault.code, fault.field, fault.facts)
    around = _words(filled(templates.repair.text, {"data": _fault_block(fault, "", "")}))
    room = max(templates.repair.most_words - around, 0)
    hint = _first_words(wording.hint, max(room // 2, room - _words(wording.message)))
    message = _first_words(wording.message, room - _words(hint))
    data = _fault_block(fault, message, hint)
    return Message("user", filled(templates.repair.text, {"data": data}))


def encode_messages(messages: tuple[Message, ...]) -> bytes:
    """Give the canonical JSON of messages, which a prompt's digest covers.

    Raises:
        CanonicalFormError: a message holds half of a surrogate pair.
    """
    return canonical_bytes([{"role": each.role, "content": each.content} for each in messages])


def _fill(fitting: Fitting, available_tokens: int) -> PromptTooLarge | None:
    needed = fitting.tokens()
    if needed > available_tokens:
        return PromptTooLarge(needed, available_tokens)
    fitting.fill(available_tokens)
    return None


def _cuts(fitting: Fitting, estimate: TokenEstimator) -> tuple[Cut, ...]:
    return tuple(
        cut
        for section in fitting.sections
        for cut in _cuts_of(section, fitting.kept.get(section.name), estimate)
    )


def _cuts_of(
    section: Section, kept: Mapping[str, int] | None, estimate: TokenEstimator
) -> Iterator[Cut]:
    if kept is None:
        whole = {listed.name: len(listed.entries) for listed in section.lists}
        tokens = estimate(section.write(whole))
        yield Cut(section.name, "section", None, sum(whole.values()), tokens)
        return
    shown = [fact for fact in (section.facts or {}).values() if isinstance(fact, Entry)]
    for listed in section.lists:
        count = kept.get(listed.name, 0)
        shown += listed.entries[:count]
        missing = listed.entries[count:]
        if missing:
            tokens = sum(estimate(entry.text) for entry in missing)
            yield Cut(section.name, "entries", listed.name, len(missing), tokens)
    removed = [text for entry in shown for text in entry.removed]
    if removed:
        yield Cut(section.name, "text", None, len(removed), sum(map(estimate, removed)))


def _fault_block(fault: Malformed, message: str, hint: str) -> str:
    document = {"code": fault.code, "field": fault.field, "message": message, "hint": hint}
    return data_block("fault", encode_data(document))


def _words(text: str) -> int:
    return len(text.split())


def _first_words(text: str, most: int) -> str:
    words = text.split()
    if len(words) <= most:
        return text
    return " ".join(words[:most]) + _MORE if most > 0 else ""
