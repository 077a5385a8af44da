"""What holds for every answer of the API: an error is a problem, and no cache keeps it."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from lifecycle.api.problems import MEDIA_TYPE, Problem, problem_document

_API: Final = "/api/"
# Besides these there are the documentation and its schema, which are everybody's.
_OF_A_CALLER: Final = "/api/v1/"
_CREDENTIALS: Final = ("Authorization", "Cookie")
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


class PrivateMiddleware:
    """Keeps what one caller may see out of caches that would show it to another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep what answers the request."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; a view that says itself what may be kept, as of bytes by their hash, is heard."""
        response = self._get_response(request)
        if request.path_info.startswith(_OF_A_CALLER):
            response.headers.setdefault("Cache-Control", "no-store")
            patch_vary_headers(response, _CREDENTIALS)
        return response
