"""Query parameters, read strictly: what is malformed is refused by name, never guessed at."""

import re
from typing import Final

from rest_framework.request import Request

from lifecycle.core.ids import HASH_RULE, HashFormatError, WasmHash, normalise_hash
from lifecycle.protocol.shown import shown
from lifecycle.usecases.errors import InvalidParameterError

LARGEST: Final = 2**63 - 1
_DIGITS: Final = re.compile(r"[0-9]{1,19}")
_TRUE: Final = frozenset({"1", "true"})
_FALSE: Final = frozenset({"0", "false"})


def integer(request: Request, name: str, default: int | None = None) -> int | None:
    """Read a whole number, zero or more; absent or empty gives the default.

    Raises:
        InvalidParameterError: it is not one, or larger than any place in a journal.
    """
    text = request.query_params.get(name, "")
    if text == "":
        return default
    if _DIGITS.fullmatch(text) is None or int(text) > LARGEST:
        raise invalid(name, text, "a whole number, 0 or more")
    return int(text)


def limit(request: Request, default: int, maximum: int) -> int:
    """Read how many items a page may hold, clamped to 1 and the maximum.

    Raises:
        InvalidParameterError: it is no whole number.
    """
    asked = integer(request, "limit", default)
    return min(max(default if asked is None else asked, 1), maximum)


def flag(request: Request, name: str) -> bool:
    """Read a yes or no: 1, true, 0, false; absent or empty is no.

    Raises:
        InvalidParameterError: it is anything else.
    """
    text = request.query_params.get(name, "")
    if text in _TRUE:
        return True
    if text in _FALSE or text == "":
        return False
    raise invalid(name, text, "1, true, 0 or false")


def text(request: Request, name: str) -> str | None:
    """Read a text; absent or blank is `None`. Characters that no stored text has are refused.

    Raises:
        InvalidParameterError: it holds a control character, or is longer than any id.
    """
    value = request.query_params.get(name, "").strip()
    if value == "":
        return None
    if not value.isprintable() or len(value) > 200:  # noqa: PLR2004 - well above every id
        raise invalid(name, value, "at most 200 printable characters")
    return value


def path_hash(spelling: str, field: str) -> WasmHash:
    """Give the stored spelling of a SHA-256 in an address.

    Raises:
        InvalidHashError: it is none.
    """
    try:
        return normalise_hash(spelling)
    except HashFormatError as error:
        raise InvalidHashError(
            field, {"received": shown(spelling), "reason": error.reason, "accepted": HASH_RULE}
        ) from error


class InvalidHashError(InvalidParameterError):
    """A hash in an address is not one."""

    code = "invalid_hash"


def invalid(name: str, received: str, accepted: str) -> InvalidParameterError:
    """Make the error of a malformed parameter."""
    return InvalidParameterError(name, {"received": shown(received), "accepted": accepted})
