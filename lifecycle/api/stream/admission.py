"""Puts a request to the site's own views, on a thread, to learn whether a stream is let in.

What is judged, and how, stands in `view` and in the site's middleware.
"""

import io
from typing import Any, NamedTuple

import orjson
from django.core import signals
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from lifecycle.api.problems import MEDIA_TYPE, Problem, problem_document
from lifecycle.api.stream.view import Admission, Admitted

Headers = list[tuple[bytes, bytes]]


class Verdict(NamedTuple):
    """What the views said: an answer to send as it is, or an admission and its headers."""

    status: int
    headers: Headers
    body: bytes
    admission: Admission | None


def judge(site: BaseHandler, scope: Any) -> Verdict:  # noqa: ANN401 - ASGI
    """Ask the views. Only a GET is ever given a stream."""
    set_script_prefix("/")
    signals.request_started.send(sender=type(site), scope=scope)
    try:
        request = ASGIRequest(scope, io.BytesIO())
    except UnicodeDecodeError:
        return refusal(Problem(400, "bad_request"))
    response = site.get_response(request)
    try:
        return _verdict(response, is_get=request.method == "GET")
    finally:
        # This also lets go of the database.
        response.close()


def refusal(problem: Problem) -> Verdict:
    """Make an answer of a problem that no view saw."""
    body = orjson.dumps(problem_document(problem))
    headers = {"Content-Length": str(len(body)), **problem.headers}
    answer = HttpResponse(body, status=problem.status, content_type=MEDIA_TYPE, headers=headers)
    return _verdict(answer, is_get=True)


def _verdict(response: HttpResponseBase, *, is_get: bool) -> Verdict:
    admission = response.admission if isinstance(response, Admitted) and is_get else None
    body = response.content if isinstance(response, HttpResponse) else b""
    cookies = [cookie.output(header="").strip() for cookie in response.cookies.values()]
    pairs = [*response.items(), *(("Set-Cookie", cookie) for cookie in cookies)]
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    return Verdict(response.status_code, headers, body, admission)
