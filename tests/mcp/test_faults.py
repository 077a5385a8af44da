"""What goes wrong behind a request, as the caller is told of it."""

import json

import pytest
from django.db import OperationalError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS

from lifecycle.content.store import ContentError
from lifecycle.journal.errors import JournalBrokenError, WorldNotFoundError
from lifecycle.mcp.faults import protocol_error, record_of_error
from lifecycle.mcp.tools import failed
from lifecycle.usecases.errors import NotFoundError

SECRET = "/srv/worldsim/var on db.internal:5432"


@pytest.mark.parametrize(
    ("error", "code", "number"),
    [
        (NotFoundError("uri", {}), "not_found", INVALID_PARAMS),
        (WorldNotFoundError(SECRET), "not_found", INVALID_PARAMS),
        (JournalBrokenError(7, "hash_mismatch", SECRET), "journal_broken", INTERNAL_ERROR),
        (ContentError(SECRET), "journal_broken", INTERNAL_ERROR),
        (OperationalError(SECRET), "storage_unavailable", INTERNAL_ERROR),
        (RuntimeError(SECRET), "internal_error", INTERNAL_ERROR),
    ],
)
def test_a_fault_is_told_by_its_code_and_shows_nothing_of_the_host(
    error: Exception, code: str, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    record = record_of_error(error)

    told = protocol_error(record).error
    assert record.code == code
    assert (told.code, told.data["code"]) == (number, code)
    assert told.message
    assert told.data["hint"]
    assert SECRET not in told.model_dump_json() + caplog.text


def test_a_call_that_fails_is_a_result_that_a_model_can_read() -> None:
    result = failed(record_of_error(OperationalError(SECRET)))

    assert result.is_error
    assert result.structured_content["rejection"]["code"] == "storage_unavailable"
    assert SECRET not in json.dumps(result.model_dump(mode="json"))


def test_the_log_says_where_what_is_unexpected_came_from(caplog: pytest.LogCaptureFixture) -> None:
    try:
        json.loads(SECRET)
    except ValueError as error:
        record_of_error(error)

    assert "unexpected JSONDecodeError" in caplog.text
    assert "test_faults.py" in caplog.text
