"""Every page shows characters that are not seen as signs. Which they are is `protocol.signs`'.

Agents and compilers write what pages show; with such a character a text looks like another one.
What stands in form controls and scripts stays exact: what is sent back is what was written.
"""

import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from lifecycle.protocol.signs import UNSEEN, signed

_INNER: Final = r"""(?:[^"'>]++|"[^"]*+"|'[^']*+')*+"""
# Elements whose content is a value or a program; tags; and what stands between them.
_PARTS: Final = re.compile(
    rf"(?P<kept><(textarea|script|style)\b{_INNER}>.*?</\2\s*>)|(?P<tag><[a-z/!]{_INNER}>)"
    r"|(?P<shown>[^<]++|<)",
    re.IGNORECASE | re.DOTALL,
)
# The attributes that a reader sees or hears. Others are addresses, names and values.
_SEEN: Final = re.compile(
    r"""(?<=\s)(?:title|aria-label|aria-valuetext|alt|placeholder)="[^"]*\"""", re.IGNORECASE
)


def with_signs(markup: str) -> str:
    """Give a page with signs in its texts and titles."""
    return markup if UNSEEN.search(markup) is None else _PARTS.sub(_part, markup)


def _part(found: re.Match[str]) -> str:
    if found["shown"] is not None:
        return signed(found["shown"])
    if found["tag"] is not None:
        return _SEEN.sub(lambda attribute: signed(attribute[0]), found["tag"])
    return found[0]


class SignsMiddleware:
    """Puts the signs into every page and part of a page that is sent whole."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep what answers the request."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with signs where the answer is markup."""
        response = self._get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and isinstance(response, HttpResponse):
            _put_signs(response)
        return response


def _put_signs(response: HttpResponse) -> None:
    markup = response.content.decode(response.charset)
    shown = with_signs(markup)
    if shown is markup:
        return
    response.content = shown.encode(response.charset)
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(response.content))
