"""What must hold of every answer, and of one that was promised something. Nothing is made here."""

import json
from collections import OrderedDict
from collections.abc import Iterator
from time import process_time
from typing import Any, Final, NamedTuple, TypeAlias

import orjson
from jsonschema import Draft202012Validator

from lifecycle.protocol.json_text import BYTE_ORDER_MARK, TRAILING_COMMA
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import Parsed, parse_answer, parse_decision
from lifecycle.protocol.schema import Decision, decision_json_schema
from lifecycle.protocol.wording import WORDED_CODES, describe
from tests.fuzz.cases import REFUSED, Case, Promise

_MODES: Final = [(text_reply, agent) for text_reply in (False, True) for agent in (False, True)]
_VALIDATOR: Final = Draft202012Validator(decision_json_schema())
_MOST_FACTS_CHARACTERS: Final = 3_000
_LONGEST_SHOWN: Final = 200

Result: TypeAlias = Parsed | Malformed


class Reading(NamedTuple):
    """One answer read in one way.

    Attributes:
        manner: The way, in words.
        result: What the parser gave, or the exception that escaped.
        seconds: What it cost of the processor.
        problems: The promises that it broke.
    """

    manner: str
    result: Result | Exception
    seconds: float
    problems: tuple[str, ...]


def judge(case: Case) -> list[Reading]:
    """Read a case in every way and say what is wrong with what came of it."""
    return [
        _read(case, text_reply=text_reply, takes_agent_id=takes_agent_id)
        for text_reply, takes_agent_id in _MODES
    ]


def _read(case: Case, *, text_reply: bool, takes_agent_id: bool) -> Reading:
    manner = "reply" if text_reply else "body"
    manner += " with agent_id" if takes_agent_id else ""
    started = process_time()
    try:
        result = parse_decision(case.body, text_reply=text_reply, takes_agent_id=takes_agent_id)
    except Exception as error:  # noqa: BLE001 - that none escapes is what is checked
        return Reading(manner, error, process_time() - started, (f"raised {error!r}",))
    seconds = process_time() - started
    try:
        problems = tuple(_problems(case, result, text_reply, takes_agent_id))
    except Exception as error:  # noqa: BLE001 - what no one can write or tell is at fault too
        problems = (f"judging what came of it raised {error!r}",)
    return Reading(manner, result, seconds, problems)


def _problems(case: Case, result: Result, text_reply: bool, takes_agent_id: bool) -> Iterator[str]:  # noqa: FBT001 - handed on
    promise = case.as_reply if text_reply else case.as_body
    if case.agent_id is not None and not takes_agent_id:
        promise = REFUSED
    yield from _broken_promises(promise, result)
    yield from _faults(case.body, result)
    is_sure = isinstance(result, Parsed) and promise.must and takes_agent_id
    if is_sure and result.agent_id != case.agent_id:
        yield f"took {result.agent_id!r} for the agent"
    if not takes_agent_id:
        yield from _faults_of_answer(case.body, result, text_reply=text_reply)


def _broken_promises(promise: Promise, result: Result) -> Iterator[str]:
    if isinstance(result, Malformed):
        if promise.must:
            yield f"refused as {result.code} what is a decision: {result.facts}"
    elif promise.may == ():
        yield f"accepted what is no decision, or not one: {result.decision!r}"
    elif promise.may is not None and result.decision not in promise.may:
        yield f"accepted another decision: {result.decision!r}"


def _faults(body: bytes, result: Result) -> Iterator[str]:
    if isinstance(result, Malformed):
        yield from _faults_of_refusal(result)
        return
    yield from _faults_of_decision(result.decision)
    again = parse_decision(orjson.dumps(result.arguments))
    if not isinstance(again, Parsed) or again.decision != result.decision:
        yield f"its arguments mean another decision: {again!r}"
    if BYTE_ORDER_MARK not in result.repairs and TRAILING_COMMA not in result.repairs:
        yield from _invented(body, result)


def _faults_of_refusal(fault: Malformed) -> Iterator[str]:
    if fault.code not in WORDED_CODES:
        yield f"the code {fault.code} has no words"
    if len(orjson.dumps(fault.facts)) > _MOST_FACTS_CHARACTERS:
        yield "its facts are long"
    if not all(len(text) <= _LONGEST_SHOWN and text.isprintable() for text in _texts(fault.facts)):
        yield f"its facts are unfit to be shown: {fault.facts!r}"
    describe(fault.code, fault.field, fault.facts)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


class _Known:
    """Decisions that were found in order, so that each is looked at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._texts: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, text: str) -> bool:
        return text in self._texts

    def add(self, text: str) -> None:
        self._texts[text] = None
        if len(self._texts) > self._most:
            self._texts.popitem(last=False)


_KNOWN: Final = _Known(2_000)


def _faults_of_decision(decision: Decision) -> Iterator[str]:
    """Hold a decision, written out, against the published schema and the parser itself."""
    text = decision.model_dump_json()
    if text in _KNOWN:
        return
    written = json.loads(text)
    # The schema asks for a file; that there is one is a rule's to judge, and not the parser's.
    errors = [
        error.message for error in _VALIDATOR.iter_errors(written) if written.get("source_files", 1)
    ]
    again = [parse_decision(text.encode(), text_reply=text_reply) for text_reply in (False, True)]
    if errors:
        yield f"the published schema refuses the decision: {errors[0][:300]}"
    elif not all(isinstance(one, Parsed) and one.decision == decision for one in again):
        yield f"written out it is not itself: {again!r}"
    elif any(one.repairs for one in again):
        yield f"written out it needs repairs: {again[0].repairs} {again[1].repairs}"
    else:
        _KNOWN.add(text)


def _invented(body: bytes, parsed: Parsed) -> Iterator[str]:
    """See that an independent reader finds the arguments in the answer, as they are."""
    if not any(_holds(value, parsed.arguments) for value in _values(body.decode())):
        yield f"its arguments do not stand in the answer: {parsed.arguments!r}"


def _values(text: str) -> Iterator[Any]:
    """Give every JSON value that begins anywhere in a text, as Python's own reader reads it."""
    decoder = json.JSONDecoder()
    for place, letter in enumerate(text):
        if letter in '{["':
            try:
                yield decoder.raw_decode(text, place)[0]
            except (json.JSONDecodeError, RecursionError):
                continue


def _holds(value: object, arguments: object) -> bool:
    if isinstance(value, dict):
        rest = {name: item for name, item in value.items() if name != "agent_id"}
        return arguments in (value, rest) or any(_holds(one, arguments) for one in value.values())
    if isinstance(value, list):
        return any(_holds(one, arguments) for one in value)
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "[", '"'}:
        try:
            return _holds(json.loads(value), arguments)
        except (json.JSONDecodeError, RecursionError):
            return False
    return False


def _faults_of_answer(body: bytes, decided: Result, *, text_reply: bool) -> Iterator[str]:
    """See that the reading that takes queries too gives the same decision, or none."""
    answer = parse_answer(body, text_reply=text_reply)
    if isinstance(answer, Parsed) and answer != decided:
        yield f"parse_answer took {answer.decision!r}"
    if isinstance(decided, Parsed) and not isinstance(answer, Parsed | Malformed):
        yield f"parse_answer took the query {answer!r}"
