"""Answers of models that do not keep to the protocol: each a kind of fault seen in public.

Each is well-formed HTTP and (but for ``invalid_utf8``) JSON; faults below that are in
``faulty_replies.py``. The letters and numbers are rows of the project's list of bad input.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from tests.scripted_model.answers import (
    Answer,
    Completion,
    ToolCall,
    call,
    calling,
    encoded,
    say,
    text,
)

Arguments = Mapping[str, object]

PROSE_WITH_A_BRACE: Final = "I will use the form {decision: ...} that you asked for. Here it is:"
THOUGHT: Final = 'The agent could wait: {"decision": "wait"}. But no, better this.'


# Cut off ---------------------------------------------------------------------------------


def truncated_text(content: str, keep: int) -> Answer:
    """Cut a text after so many characters, and say so: finish reason ``length``."""
    return cut_text(content, keep, finish_reason="length")


def truncated_call(name: str, arguments: Arguments | str, keep: int) -> Answer:
    """Cut a call's arguments after so many characters, and say so: ``length``."""
    return cut_call(name, arguments, keep, finish_reason="length")


def cut_text(content: str, keep: int, finish_reason: str = "stop") -> Answer:
    """Cut a text without saying so (L27)."""
    return say(Completion(content=content[:keep], finish_reason=finish_reason))


def cut_call(
    name: str, arguments: Arguments | str, keep: int, finish_reason: str = "tool_calls"
) -> Answer:
    """Cut a call's arguments without saying so (L27)."""
    made = ToolCall(name=name, arguments=encoded(arguments)[:keep])
    return say(Completion(tool_calls=(made,), finish_reason=finish_reason))


def finished(answer: Answer, finish_reason: str | None) -> Answer:
    """Give an answer another reason to finish: ``length`` on a whole one, one of no standard.

    Raises:
        TypeError: The answer is no completion.
    """
    return replace(answer, payload=replace(_completion_of(answer), finish_reason=finish_reason))


# Wrapped ---------------------------------------------------------------------------------


def double_encoded(name: str, arguments: Arguments, times: int = 2) -> Answer:
    """Encode arguments as the text of a text, so many times over (L07)."""
    raw = encoded(arguments)
    for _ in range(times - 1):
        raw = json.dumps(raw)
    return call(name, raw)


def odd_key(name: str, arguments: Arguments, key: str = "arguments") -> Answer:
    """Wrap the whole object of arguments in one key (L31)."""
    return call(name, {key: dict(arguments)})


def fenced(
    value: object, before: str = PROSE_WITH_A_BRACE, after: str = "", language: str = "json"
) -> Answer:
    """Put JSON in a fence, within prose that has a stray brace (L01)."""
    return text(f"{before}\n\n```{language}\n{json.dumps(value, indent=2)}\n```\n{after}".strip())


def two_fences(first: object, second: object) -> Answer:
    """Offer two values, each in a fence of its own, where one is wanted (L01)."""
    fences = [f"```json\n{json.dumps(value)}\n```" for value in (first, second)]
    return text(f"Either this:\n{fences[0]}\nor that:\n{fences[1]}")


def thinking(content: str, thought: str = THOUGHT, tag: str = "think") -> Answer:
    """Put a complete block of thought, and a line's end, before the content (L03)."""
    return text(f"<{tag}>{thought}</{tag}>\n{content}")


def unclosed_thinking(content: str, tag: str = "think") -> Answer:
    """Begin a thought and never end it, so that the content may be part of it."""
    return text(f"<{tag}>{THOUGHT}\n{content}")


def reasoned(answer: Answer, reasoning: str = THOUGHT) -> Answer:
    """Add ``reasoning_content`` to a message, as several servers do.

    Raises:
        TypeError: The answer is no completion.
    """
    completion = _completion_of(answer)
    more = {**completion.more, "reasoning_content": reasoning}
    return replace(answer, payload=replace(completion, more=more))


def call_in_text(name: str, arguments: Arguments, tag: str = "tool_call") -> Answer:
    """Write a call into the content, as models without a parser for their calls do."""
    written = json.dumps({"name": name, "arguments": dict(arguments)})
    return text(f"<{tag}>\n{written}\n</{tag}>")


# Names -----------------------------------------------------------------------------------


def dotted(name: str, arguments: Arguments | str, separator: str = ".") -> Answer:
    """Call a tool with dots, or another sign, for its underscores (L21)."""
    return call(name.replace("_", separator), arguments)


def decorated(name: str, arguments: Arguments | str, decoration: str = "functions.{}") -> Answer:
    """Call a tool by a name with something around it: ``tool:{}``, ``{}_tool`` (L23)."""
    return call(decoration.format(name), arguments)


def camel_case(name: str, arguments: Arguments | str) -> Answer:
    """Call a tool by its name in CamelCase (L23)."""
    return call("".join(word.capitalize() for word in name.split("_")), arguments)


# Values ----------------------------------------------------------------------------------


def empty_optionals(name: str, arguments: Arguments, optionals: Sequence[str]) -> Answer:
    """Fill every optional field with an empty text (L11)."""
    return call(name, {**dict.fromkeys(optionals, ""), **arguments})


def null_optionals(name: str, arguments: Arguments, optionals: Sequence[str]) -> Answer:
    """Fill every optional field with null (L09)."""
    return call(name, {**dict.fromkeys(optionals), **arguments})


def null_arguments(name: str) -> Answer:
    """Call with ``"arguments": null`` (L07); ``call(name, "null")`` sends the text of it."""
    return say(calling(ToolCall(name=name, arguments=None)))


def object_arguments(name: str, arguments: Arguments) -> Answer:
    """Call with the arguments as an object, not as a text, as some servers do."""
    return say(calling(ToolCall(name=name, arguments=dict(arguments))))


def trailing_comma(name: str, arguments: Arguments) -> Answer:
    """Put a comma before the closing brace (L05)."""
    return call(name, encoded(arguments).removesuffix("}") + ",}")


def bare_constant(name: str, arguments: Arguments, key: str, constant: str = "NaN") -> Answer:
    """Give a field a bare word that is no JSON: NaN, Infinity, 0x10, 1,000 (L13, L17)."""
    return call(name, _with_raw(arguments, key, constant))


def long_integer(
    name: str, arguments: Arguments, key: str, digits: str = "1234567890123456789"
) -> Answer:
    """Give a field an integer that no float holds (L15)."""
    return call(name, _with_raw(arguments, key, digits))


def lone_surrogate(name: str, arguments: Arguments, key: str) -> Answer:
    r"""Give a field a text with half of a pair, ``\ud800`` (L19)."""
    return call(name, _with_raw(arguments, key, '"half \\ud800 of a pair"'))


# Messages --------------------------------------------------------------------------------


def refused(told: str = "I cannot help with that.") -> Answer:
    """Refuse in OpenAI's way: the text in ``refusal``, no content."""
    return say(Completion(more={"refusal": told}))


def content_filtered(content: str = "") -> Answer:
    """End by the provider's filter."""
    return say(Completion(content=content, finish_reason="content_filter"))


def empty_content() -> Answer:
    """Say an empty text."""
    return text("")


def null_content() -> Answer:
    """Say nothing: content null, and no calls."""
    return say(Completion())


def no_choices() -> Answer:
    """Answer with an empty list of choices."""
    return say(Completion(choices=0))


def legacy_function_call(name: str, arguments: Arguments) -> Answer:
    """Call in the form that OpenAI has given up: ``function_call``."""
    made = {"name": name, "arguments": encoded(arguments)}
    return say(Completion(more={"function_call": made}, finish_reason="function_call"))


def _with_raw(arguments: Arguments, key: str, raw: str) -> str:
    """Write arguments with one field as raw text."""
    others = "".join(
        f", {json.dumps(name)}: {json.dumps(value)}"
        for name, value in arguments.items()
        if name != key
    )
    return f"{{{json.dumps(key)}: {raw}{others}}}"


def _completion_of(answer: Answer) -> Completion:
    if not isinstance(answer.payload, Completion):
        raise TypeError("Only a completion can be changed so.")
    return answer.payload
