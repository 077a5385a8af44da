"""Bodies of requests: read whole, never past the limit; small ones as objects of texts.

Decisions are not read here; their bytes go to the parser as they came.
"""

import json
from collections.abc import Collection
from typing import IO, Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError
from django.utils.http import parse_header_parameters
from rest_framework.request import Request

from lifecycle.api.problems import ProblemError
from lifecycle.protocol.shown import shown, shown_names, type_name

_JSON: Final = "application/json"
_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


def media_type_of(request: Request, accepted: Collection[str]) -> str:
    """Give the body's media type, without its parameters.

    Raises:
        ProblemError: it is not accepted, or the body is compressed or in another charset.
    """
    media_type, params = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    facts = {"received": shown(media_type), "accepted": list(accepted)}
    if media_type not in accepted:
        raise ProblemError("unsupported_media_type", "Content-Type", facts)
    charset = params.get("charset", "utf-8").lower()
    if charset not in _CHARSETS:
        facts = {"received": shown(charset), "accepted": ["utf-8"]}
        raise ProblemError("unsupported_media_type", "Content-Type", facts)
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        facts = {"received": shown(encoding), "accepted": ["identity"]}
        raise ProblemError("unsupported_media_type", "Content-Encoding", facts)
    return media_type


def read_body(request: Request) -> bytes:
    """Read a body of at most `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes.

    Raises:
        ProblemError: it is longer, or ended before its declared length.
    """
    maximum = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    declared = request.META.get("CONTENT_LENGTH") or None
    if declared is not None and not (declared.isascii() and declared.isdecimal()):
        raise ProblemError("bad_request", "Content-Length", {"received": shown(declared)})
    try:
        body = _read(request, maximum, declared)
    except RequestDataTooBig as error:
        raise _too_large(maximum) from error
    except (UnreadablePostError, OSError) as error:
        raise ProblemError("body_incomplete") from error
    if len(body) > maximum:
        raise _too_large(maximum)
    if declared is not None and len(body) != int(declared):
        raise ProblemError("body_incomplete")
    return body


def _read(request: Request, maximum: int, declared: str | None) -> bytes:
    environ = request.META
    # Django takes a body without a declared length for none. A server that says where the
    # stream ends lets us read it all the same.
    ends = environ.get("wsgi.input_terminated") or "asgi.scope" in environ
    if declared is None and ends:
        stream: IO[bytes] = environ["wsgi.input"]
        return stream.read(maximum + 1)
    if declared is not None and int(declared) > maximum:
        raise _too_large(maximum)
    return request.body


def _too_large(maximum: int) -> ProblemError:
    return ProblemError("body_too_large", None, {"maximum": maximum})


def read_texts(
    request: Request, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, str]:
    """Read a JSON object whose members are texts; null or blank counts as absent.

    Raises:
        ProblemError: it is anything else, lacks a required member or has an unknown one.
    """
    media_type_of(request, (_JSON,))
    members = _object_in(read_body(request))
    accepted = [*required, *optional]
    unknown = sorted(members.keys() - set(accepted))
    if unknown:
        facts = {"unknown": shown_names(unknown), "accepted": accepted}
        raise ProblemError("unknown_field", unknown[0][:80], facts)
    texts = {name: _text_in(name, value) for name, value in members.items()}
    given = {name: text for name, text in texts.items() if text}
    missing = [name for name in required if name not in given]
    if missing:
        raise ProblemError("missing_field", missing[0], {"missing": missing})
    return given


def _text_in(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        facts = {"expected": "string", "received_type": type_name(value)}
        raise ProblemError("wrong_type", name, facts)
    return value.strip()


def _object_in(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode(), object_pairs_hook=_without_repeats)
    except UnicodeDecodeError as error:
        raise ProblemError("invalid_utf8", "body", {"at_byte": error.start}) from error
    except json.JSONDecodeError as error:
        facts = {"line": error.lineno, "column": error.colno, "problem": error.msg}
        raise ProblemError("malformed_json", None, facts) from error
    except RecursionError as error:
        raise ProblemError("too_deep", None, {"maximum": 1}) from error
    except ValueError as error:
        raise ProblemError("invalid_number") from error
    if not isinstance(value, dict):
        raise ProblemError("not_an_object", None, {"received_type": type_name(value)})
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ProblemError("duplicate_key")
    return members
