"""What a page answers that meets broken storage. What checks a world stands elsewhere."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lifecycle.content.store import ContentError
from lifecycle.journal.errors import JournalBrokenError

_log: Final = logging.getLogger(__name__)


class BrokenHistoryMiddleware:
    """Says by a page, 409, that a journal or its content is broken, where no view does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what answers the request."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a request that met the fault."""
        if not isinstance(error, JournalBrokenError | ContentError):
            return None
        _log.error("what is stored is broken: %s", error)
        match = request.resolver_match
        context = {
            "broken": error if isinstance(error, JournalBrokenError) else None,
            "slug": match.kwargs.get("slug") if match is not None else None,
        }
        return render(request, "409.html", context, status=HTTPStatus.CONFLICT)
