"""Errors that arise outside of the API's views, as problem documents too."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from lifecycle.api.problems import MEDIA_TYPE, Problem, problem_document

_API: Final = "/api/"
_CODES: Final = {
    400: "bad_request",
    403: "permission_denied",
    404: "not_found",
    413: "body_too_large",
}
_SERVER_ERROR: Final = 500


class ProblemMiddleware:
    """Puts a problem document in the place of an error page below ``/api/``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep what answers the request."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; an error page becomes a problem document with its status."""
        response = self._get_response(request)
        status = response.status_code
        if status < 400 or not request.path_info.startswith(_API):  # noqa: PLR2004 - errors start there
            return response
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        code = _CODES.get(status, "internal_error" if status >= _SERVER_ERROR else "bad_request")
        document = problem_document(Problem(status, code))
        answer: HttpResponse = JsonResponse(document, status=status, content_type=MEDIA_TYPE)
        response.close()
        return answer
