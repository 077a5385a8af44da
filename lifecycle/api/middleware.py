"""What holds for every answer of the API: an error is a problem, and no cache keeps it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.utils.cache import patch_vary_headers

from lifecycle.api.problems import MEDIA_TYPE, Problem, problem_document
from lifecycle.protocol.shown import shown

_LOOKS: Final = frozenset({"GET", "HEAD"})
_LONGEST_PATH: Final = 200
_SCHEMA: Final = "/api/schema/"
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
        facts = {"schema": _SCHEMA} if status == HTTPStatus.NOT_FOUND else {}
        response.close()
        return _answer(Problem(status, code, None, facts))


class SlashMiddleware(CommonMiddleware):
    """Redirects who looks to the address with its slash, and tells who sends something.

    A redirect would lose what was sent: most clients follow it with a GET, and some not at all.
    """

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        """Say whether an address that is none would be one with a slash behind it."""
        return request.method in _LOOKS and super().should_redirect_with_slash(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Answer; what was sent to an address without its slash is refused with the right one."""
        if (
            response.status_code == HTTPStatus.NOT_FOUND
            and request.method not in _LOOKS
            and super().should_redirect_with_slash(request)
        ):
            path = shown(request.path, _LONGEST_PATH)
            facts = {"received": path, "slash": f"{path}/"}
            response = _answer(Problem(404, "not_found", None, facts))
        return super().process_response(request, response)


def _answer(problem: Problem) -> HttpResponse:
    document = problem_document(problem)
    return JsonResponse(document, status=problem.status, content_type=MEDIA_TYPE)


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
