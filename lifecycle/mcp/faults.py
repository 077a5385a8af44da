"""Whatever goes wrong behind a request, in words that show nothing of the host.

What is refused, and why, is decided elsewhere.
"""

import logging
import traceback
from typing import Final

from django.db import InterfaceError, OperationalError
from mcp import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, ErrorData

from lifecycle.content.store import ContentError
from lifecycle.core.events import RejectionRecord
from lifecycle.journal.errors import JournalBrokenError, WorldNotFoundError
from lifecycle.protocol.wording import describe
from lifecycle.usecases.errors import UseCaseError

_FAILURES: Final = frozenset({"storage_unavailable", "journal_broken", "internal_error"})
_log = logging.getLogger(__name__)


def record_of_error(error: Exception) -> RejectionRecord:
    """Give what the caller may know of an exception; what is unexpected is logged."""
    match error:
        case UseCaseError():
            return RejectionRecord(error.code, error.field, error.facts)
        case WorldNotFoundError():
            return RejectionRecord("not_found", None, {})
        case JournalBrokenError():
            facts = {"seq": error.seq, "reason": error.code}
            return RejectionRecord("journal_broken", None, facts)
        case ContentError():
            _log.error("content is missing or was altered")
            return RejectionRecord("journal_broken", None, {"reason": "content_damaged"})
        case OperationalError() | InterfaceError():
            _log.error("the database failed: %s", type(error).__qualname__)
            return RejectionRecord("storage_unavailable", None, {})
        case _:
            # Not its words: they may hold what was sent.
            frames = "".join(traceback.format_tb(error.__traceback__))
            _log.error("unexpected %s\n%s", type(error).__qualname__, frames)
            return RejectionRecord("internal_error", None, {})


def protocol_error(record: RejectionRecord) -> MCPError:
    """Give a refusal as the protocol's error."""
    number = INTERNAL_ERROR if record.code in _FAILURES else INVALID_PARAMS
    return MCPError.from_error_data(error_data(number, record))


def error_data(number: int, record: RejectionRecord, **members: object) -> ErrorData:
    """Give a refusal as the protocol's error, with the code, the field and the hint as its data.

    Most clients show the message alone, so it says what would be accepted too.

    Args:
        number: The protocol's own number of the error.
        record: The refusal.
        members: What the protocol wants in the data besides.
    """
    wording = describe(record.code, record.field, record.facts)
    told = {"code": record.code, "field": record.field, "hint": wording.hint}
    return ErrorData(
        code=number, message=f"{wording.message} {wording.hint}", data={**told, **members}
    )
