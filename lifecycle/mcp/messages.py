"""One message as it came, judged before the protocol's package sees it.

The package would tell what is wrong in the words of its own reader, or take a request whose id is
none for a message that wants no answer. What a message asks for is not judged here.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, NoReturn

import msgspec
from mcp_types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    JSONRPCError,
    JSONRPCMessage,
    RequestId,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

from lifecycle.core.events import RejectionRecord
from lifecycle.mcp.faults import error_data
from lifecycle.protocol.shown import shown, type_name

SCOPE_KEY: Final = "worldsim.sent"
_VERSION: Final = "2.0"
_CALL: Final = "tools/call"
# Objects and lists in one another, but for a call's arguments, whose depth the parser judges.
_DEEPEST: Final = 64
_ID_TYPES: Final = "string or integer"


class Sent(NamedTuple):
    """A message that is one.

    Attributes:
        message: The message; the arguments of a call are taken out.
        arguments: A call's arguments as JSON text, as they were sent; `None` where it has none.
    """

    message: JSONRPCMessage
    arguments: str | None

    def encoded(self) -> bytes:
        """Give the message as JSON, for a carrier that reads it once more."""
        return self.message.model_dump_json(by_alias=True, exclude_unset=True).encode()


def arguments_of(request: Any) -> str:  # noqa: ANN401 - of the carrier's own type
    """Give the arguments of a call as JSON text, from what its carrier hands on with it.

    Args:
        request: What was sent, or an HTTP request in whose scope that stands.
    """
    sent: Sent = request if isinstance(request, Sent) else request.scope[SCOPE_KEY]
    return "{}" if sent.arguments is None else sent.arguments


class MessageError(Exception):
    """What came is no message; `answer` says why, and what would be one."""

    def __init__(
        self,
        number: int,
        record: RejectionRecord,
        request_id: RequestId | None,
        **members: object,
    ) -> None:
        """Make the answer.

        Args:
            number: The protocol's number of the error.
            record: What is wrong.
            request_id: The id of what came, where it has one that can be answered to.
            members: What the protocol wants in the error's data besides.
        """
        super().__init__(record.code)
        error = error_data(number, record, **members)
        self.answer = JSONRPCError(jsonrpc=_VERSION, id=request_id, error=error)


class _Arguments(msgspec.Struct):
    arguments: msgspec.Raw = msgspec.Raw(b"null")


class _Raw(msgspec.Struct):
    params: _Arguments


def read_message(body: bytes) -> Sent:
    """Read one message.

    Raises:
        MessageError: it is none.
    """
    try:
        return _read(body)
    except RecursionError:
        _refuse_depth()


def _read(body: bytes) -> Sent:
    message = _object_in(body)
    request_id = message.get("id")
    known_id = request_id if _is_id(request_id) and not _is_broken(request_id) else None
    _require_envelope(message, known_id)
    arguments = _take_arguments(message, body)
    broken = next(_broken_places(message, ()), None)
    if broken is not None:
        record = RejectionRecord("invalid_utf8", broken or None, {"problem": "lone_surrogate"})
        raise MessageError(INVALID_REQUEST, record, known_id)
    try:
        return Sent(jsonrpc_message_adapter.validate_python(message, by_name=False), arguments)
    except ValidationError:
        # Such as an answer to what was never asked, in a form that no answer has.
        raise MessageError(
            INVALID_REQUEST, RejectionRecord("bad_request", None, {}), known_id
        ) from None


def _object_in(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode())
    except UnicodeDecodeError as error:
        _refuse(PARSE_ERROR, "invalid_utf8", "the message", at_byte=error.start)
    except json.JSONDecodeError as error:
        problem = error.msg if body.strip() else "it is empty"
        facts = {"line": error.lineno, "column": error.colno, "problem": problem}
        _refuse(PARSE_ERROR, "malformed_json", None, **facts)
    except ValueError:
        # Python reads no integer of thousands of digits.
        _refuse(PARSE_ERROR, "invalid_number", "the message", received="a number too long to read")
    if isinstance(value, list):
        _refuse(INVALID_REQUEST, "not_an_object", None, batch=type_name(value))
    if not isinstance(value, dict):
        _refuse(INVALID_REQUEST, "not_an_object", None, message=type_name(value))
    return value


def _require_envelope(message: Mapping[str, Any], known_id: RequestId | None) -> None:
    """Refuse what lacks a part that every message has, or has one of another type."""
    is_answer = "method" not in message and ("result" in message or "error" in message)
    if "id" in message and not _is_id(message["id"]) and not is_answer:
        _refuse_type("id", _ID_TYPES, message["id"], None)
    if "jsonrpc" not in message:
        _refuse_missing("jsonrpc", known_id)
    if message["jsonrpc"] != _VERSION:
        facts = {"received": shown(str(message["jsonrpc"])), "accepted": f'"{_VERSION}"'}
        record = RejectionRecord("invalid_parameter", "jsonrpc", facts)
        raise MessageError(INVALID_REQUEST, record, known_id)
    if is_answer:
        return
    if "method" not in message:
        _refuse_missing("method", known_id)
    if not isinstance(message["method"], str):
        _refuse_type("method", "string", message["method"], known_id)
    if not isinstance(message.get("params", {}), dict | None):
        _refuse_type("params", "object", message["params"], known_id, INVALID_PARAMS)


def _take_arguments(message: dict[str, Any], body: bytes) -> str | None:
    """Take a call's arguments out of it: they are the parser's matter, whatever they are."""
    params = message.get("params")
    if message.get("method") != _CALL or not params or params.get("arguments") is None:
        return None
    text = _raw_arguments(body) or json.dumps(params["arguments"])
    message["params"] = {**params, "arguments": {}}
    return text


def _raw_arguments(body: bytes) -> str | None:
    try:
        return bytes(msgspec.json.decode(body, type=_Raw).params.arguments).decode()
    except (msgspec.DecodeError, RecursionError):
        return None  # such as NaN, which the parser will refuse as it was read


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_broken(value: object) -> bool:
    return isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value)


def _broken_places(value: object, path: tuple[str, ...]) -> Iterator[str]:
    """Name the texts that hold half of a surrogate pair, as a value or as a name."""
    if len(path) > _DEEPEST:
        _refuse_depth()
    if _is_broken(value):
        yield shown(".".join(path))
    elif isinstance(value, dict):
        for name, member in value.items():
            if _is_broken(name):
                yield shown(".".join(path))
            yield from _broken_places(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _broken_places(member, (*path, str(index)))


def _refuse(number: int, code: str, field: str | None, **facts: Any) -> NoReturn:  # noqa: ANN401 - JSON
    raise MessageError(number, RejectionRecord(code, field, facts), None) from None


def _refuse_depth() -> NoReturn:
    _refuse(PARSE_ERROR, "malformed_json", None, line=1, column=1, problem="it is too deep")


def _refuse_missing(field: str, known_id: RequestId | None) -> NoReturn:
    record = RejectionRecord("missing_field", field, {"missing": [field]})
    raise MessageError(INVALID_REQUEST, record, known_id)


def _refuse_type(
    field: str,
    expected: str,
    value: object,
    known_id: RequestId | None,
    number: int = INVALID_REQUEST,
) -> NoReturn:
    facts = {"expected": expected, "received_type": type_name(value)}
    raise MessageError(number, RejectionRecord("wrong_type", field, facts), known_id)
