"""The rules on a conversation that OpenAI enforces and its types cannot say.

The wording and the codes are those of OpenAI's own answers, as they were reported in public.
"""

from collections.abc import Iterator

from tests.scripted_model.reading import NAME, Json, an_object, objects, strict_json, text
from tests.scripted_model.refusal import Refusal

LONGEST_CALL_ID = 40

_UNANSWERED = (
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
    "'tool_call_id'. The following tool_call_ids did not have response messages: {}"
)
_ORPHAN = (
    "Invalid parameter: messages with role 'tool' must be a response to a preceding message with "
    "'tool_calls'."
)


def message_faults(document: Json) -> Iterator[Refusal]:
    """Give what is wrong with a request's messages, in their order."""
    messages = objects(document, "messages")
    if not messages:
        yield _empty("messages")
    for index, message in enumerate(messages):
        place = f"messages[{index}]"
        yield from _content_faults(message, place)
        yield from _call_faults(message, place)
    yield from _order_faults(messages)


def _content_faults(message: Json, place: str) -> Iterator[Refusal]:
    """A message says something: text, parts, calls or a refusal."""
    content = message.get("content")
    if content == []:
        yield _empty(f"{place}.content")
    speaks = any(message.get(key) for key in ("tool_calls", "function_call", "refusal", "audio"))
    if message["role"] == "assistant" and content is None and not speaks:
        told = f"Invalid value for '{place}.content': expected a string, got null."
        yield Refusal(message=told, param=f"{place}.content", code="invalid_type")
    if message.get("tool_calls") == []:
        yield _empty(f"{place}.tool_calls")


def _call_faults(message: Json, place: str) -> Iterator[Refusal]:
    """Each call has an id of its own, a name that a tool can have, and an object of arguments."""
    seen: set[str] = set()
    for index, call in enumerate(objects(message, "tool_calls")):
        at = f"{place}.tool_calls[{index}]"
        call_id = text(call, "id")
        if not 0 < len(call_id) <= LONGEST_CALL_ID:
            told = f"expected 1 to {LONGEST_CALL_ID} characters, got {len(call_id)}"
            yield _invalid(f"{at}.id", told, "string_above_max_length")
        if call_id in seen:
            told = f"Duplicate value for 'tool_call_id' of '{call_id}' in '{place}'."
            yield Refusal(message=told, param=f"{at}.id", code="invalid_value")
        seen.add(call_id)
        if call["type"] == "function":
            yield from _function_faults(an_object(call, "function"), f"{at}.function")


def _function_faults(function: Json, place: str) -> Iterator[Refusal]:
    name, arguments = text(function, "name"), text(function, "arguments")
    if not NAME.fullmatch(name):
        told = f"'{name}' does not match the pattern '^[a-zA-Z0-9_-]{{1,64}}$'"
        yield _invalid(f"{place}.name", told, "invalid_value")
    try:
        read = strict_json(arguments)
    except ValueError as error:
        yield _invalid(f"{place}.arguments", f"not valid JSON ({error})", "invalid_value")
    else:
        if not isinstance(read, dict):
            told = f"a JSON object is expected, not {type(read).__name__}"
            yield _invalid(f"{place}.arguments", told, "invalid_value")


def _order_faults(messages: list[Json]) -> Iterator[Refusal]:
    """After an assistant's calls stand their answers, one each, before anything else is said."""
    asked: set[str] = set()
    waiting: list[str] = []
    for index, message in enumerate(messages):
        place = f"messages[{index}]"
        if message["role"] == "tool":
            yield from _answer_faults(text(message, "tool_call_id"), asked, waiting, place)
            continue
        if waiting:
            yield _unanswered(waiting, place)
        waiting = [text(call, "id") for call in objects(message, "tool_calls")]
        asked = set(waiting)
    if waiting:
        yield _unanswered(waiting, f"messages[{len(messages)}]")


def _answer_faults(
    call_id: str, asked: set[str], waiting: list[str], place: str
) -> Iterator[Refusal]:
    """Tick an answer off; an answer to what was not asked, or asked once, is a fault."""
    if not asked:
        yield Refusal(message=_ORPHAN, param=f"{place}.role")
    elif call_id in waiting:
        waiting.remove(call_id)
    elif call_id in asked:
        told = f"Duplicate value for 'tool_call_id' of '{call_id}' in '{place}'."
        yield Refusal(message=told, param=f"{place}.tool_call_id", code="invalid_value")
    else:
        told = f"'tool_call_id' of '{call_id}' not found in 'tool_calls' of previous message."
        yield Refusal(message=f"Invalid parameter: {told}", param=f"{place}.tool_call_id")


def _unanswered(call_ids: list[str], place: str) -> Refusal:
    return Refusal(message=_UNANSWERED.format(", ".join(call_ids)), param=f"{place}.role")


def _empty(place: str) -> Refusal:
    told = f"Invalid '{place}': empty array. Expected an array with minimum length 1."
    return Refusal(message=told, param=place, code="empty_array")


def _invalid(place: str, told: str, code: str) -> Refusal:
    return Refusal(message=f"Invalid '{place}': {told}.", param=place, code=code)
