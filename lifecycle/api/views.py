"""What every view of the API shares: always JSON, and a world that the caller may see.

No endpoint is written here.
"""

from collections.abc import Iterable, Mapping
from typing import IO, Any, cast

from rest_framework.exceptions import NotFound
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from lifecycle.access.callers import Caller, SeenWorld, find_seen_world
from lifecycle.journal.errors import WorldNotFoundError


class AlwaysJson(BaseContentNegotiation):
    """The API has one representation, so no Accept header can miss it."""

    def select_parser(
        self,
        request: Request,  # noqa: ARG002 - DRF's signature
        parsers: Iterable[BaseParser],
    ) -> BaseParser:
        """Give the first parser; bodies are read without it."""
        return next(iter(parsers))

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002 - DRF's signature
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,  # noqa: ARG002 - DRF's signature
    ) -> tuple[BaseRenderer, str]:
        """Give the JSON renderer."""
        return next(iter(renderers)), JSONRenderer.media_type


class UnreadBody(BaseParser):
    """Leaves the body alone: `bodies` reads it, within its limit, once it is known who sends it."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],  # noqa: ARG002 - DRF's signature
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - DRF's signature
    ) -> dict[str, Any]:
        """Give no data; DRF asks for them to find a form's CSRF token."""
        return {}


class ApiView(APIView):
    """A view of the API."""

    content_negotiation_class = AlwaysJson
    parser_classes = (UnreadBody,)
    # OPTIONS would tell what the OpenAPI document tells better.
    http_method_names = ("get", "head", "post")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - DRF's signature
        """Check who asks; and that the address can name anything: no stored text holds U+0000.

        Raises:
            NotFound: it cannot.
        """
        super().initial(request, *args, **kwargs)
        if any("\0" in value for value in kwargs.values() if isinstance(value, str)):
            raise NotFound

    def caller(self) -> Caller:
        """Give who sends the request."""
        return cast("Caller", self.request.user)

    def seen(self, slug: str) -> SeenWorld:
        """Give a world that the caller may see.

        Raises:
            WorldNotFoundError: there is none; a foreign world is none.
        """
        world = find_seen_world(self.caller(), slug)
        if world is None:
            raise WorldNotFoundError(slug)
        return world
