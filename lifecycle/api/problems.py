"""Whatever goes wrong behind the API as an RFC 9457 problem document, worded in one place.

What is refused, and why, is decided elsewhere; nothing of the host enters an answer.
"""

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response

from lifecycle.content.store import ContentError
from lifecycle.journal.errors import JournalBrokenError, WorldNotFoundError
from lifecycle.protocol.wording import describe
from lifecycle.usecases.errors import RateLimitedError, RefusedError, UseCaseError

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 1
_UNAVAILABLE: Final = 503
_log = logging.getLogger(__name__)

CODES: Final[Mapping[str, int]] = {
    "acting_for_another": 403,
    "idempotency_key_reused": 409,
    "not_found": 404,
    "artifact_unknown": 404,
    "world_exists": 409,
    "world_broken": 409,
    "too_many_worlds": 403,
    "body_too_large": 413,
    "unsupported_media_type": 415,
    "permission_denied": 403,
    "journal_broken": 409,
    "too_many_streams": 429,
    "busy": 503,
    "signing_key_unusable": 500,
    "internal_error": 500,
}


class Problem(NamedTuple):
    """What the caller is told: the status, the code, and what goes with them."""

    status: int
    code: str
    field: str | None = None
    facts: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}


class ProblemError(Exception):
    """A request that a view cannot serve; the exception handler answers with its problem."""

    def __init__(
        self, code: str, field: str | None = None, facts: Mapping[str, Any] | None = None
    ) -> None:
        """Keep what the caller is told; the status follows from the code."""
        super().__init__(code)
        status = status_of(code)
        headers = {"Retry-After": str(RETRY_SECONDS)} if status == _UNAVAILABLE else {}
        self.problem = Problem(status, code, field, facts or {}, headers)


class CsrfFailedError(exceptions.PermissionDenied):
    """A session's request without the token that proves it came from our own pages."""

    default_code = "csrf_failed"


def status_of(code: str) -> int:
    """Give the HTTP status of a code that is neither a parse fault nor a rule's refusal."""
    return CODES.get(code, 400)


def problem_document(problem: Problem, **members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Give a problem as JSON; `members` are further ones, such as the decision it is about."""
    wording = describe(problem.code, problem.field, problem.facts)
    return {
        "type": f"urn:worldsim:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": wording.message,
        "code": problem.code,
        "field": problem.field,
        "hint": wording.hint,
        "facts": dict(problem.facts),
        **members,
    }


def problem_response(problem: Problem, **members: Any) -> Response:  # noqa: ANN401 - JSON
    """Answer with a problem."""
    return Response(
        problem_document(problem, **members),
        status=problem.status,
        headers=dict(problem.headers),
        content_type=MEDIA_TYPE,
    )


def problem_for_exception(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answer any exception of a view: DRF's exception handler."""
    problem = _known_problem(error)
    if isinstance(error, exceptions.MethodNotAllowed):
        allowed = ", ".join(context["view"].allowed_methods)
        facts = {"method": context["request"].method, "allowed": allowed}
        problem = Problem(405, "method_not_allowed", None, facts)
    if problem is None:
        log_unexpected(error)
        problem = Problem(500, "internal_error")
    return problem_response(problem)


def log_unexpected(error: BaseException) -> None:
    """Log where an exception came from, and not its words: they may hold what was sent."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error("unexpected %s\n%s", type(error).__qualname__, frames)


def _known_problem(error: Exception) -> Problem | None:
    match error:
        case ProblemError():
            return error.problem
        case RateLimitedError():
            headers = {"Retry-After": str(error.retry_after_seconds)}
            return Problem(429, error.code, None, error.facts, headers)
        case UseCaseError():
            return ProblemError(error.code, error.field, error.facts).problem
        case RefusedError():
            record = error.record
            return Problem(422, record.code, record.field, record.facts)
        case WorldNotFoundError() | Http404():
            return Problem(404, "not_found")
        case JournalBrokenError():
            facts = {"seq": error.seq, "reason": error.code}
            return ProblemError("journal_broken", None, facts).problem
        case exceptions.APIException():
            return _framework_problem(error)
        case _:
            return _platform_problem(error)


def _platform_problem(error: Exception) -> Problem | None:
    match error:
        case OperationalError() | InterfaceError():
            _log.error("the database failed: %s", type(error).__qualname__)
            headers = {"Retry-After": str(RETRY_SECONDS)}
            return Problem(503, "storage_unavailable", None, {}, headers)
        case ContentError():
            _log.error("content is missing or was altered")
            return ProblemError("journal_broken", None, {"reason": "content_damaged"}).problem
        case RequestDataTooBig():
            return Problem(413, "body_too_large")
        case PermissionDenied():
            return Problem(403, "permission_denied")
        case SuspiciousOperation() | UnreadablePostError():
            return Problem(400, "bad_request")
        case _:
            return None


def _framework_problem(error: exceptions.APIException) -> Problem:
    match error:
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            challenge = getattr(error, "auth_header", "Bearer")
            return Problem(401, "authentication_failed", None, {}, {"WWW-Authenticate": challenge})
        case CsrfFailedError():
            return Problem(403, "csrf_failed")
        case exceptions.PermissionDenied():
            return Problem(403, "permission_denied")
        case exceptions.NotFound():
            return Problem(404, "not_found")
        case exceptions.Throttled():
            seconds = max(1, round(getattr(error, "wait", None) or RETRY_SECONDS))
            facts = {"retry_after_seconds": seconds}
            return Problem(429, "rate_limited", None, facts, {"Retry-After": str(seconds)})
        case exceptions.UnsupportedMediaType():
            return Problem(415, "unsupported_media_type")
        case _:
            return Problem(error.status_code, "bad_request")
