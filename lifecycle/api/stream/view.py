"""Who is let in to a world's stream, and from where on: an ordinary view of the API.

It judges by the same rules as every other view, and is asked again while the stream is open. What
is then sent is not said here.
"""

import re
from http import HTTPStatus
from typing import Final, NamedTuple

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.access.callers import AgentCaller, Caller, SeenWorld, account_of
from lifecycle.api import parameters
from lifecycle.api.openapi import header, problems, query
from lifecycle.api.views import ApiView

MEDIA_TYPE: Final = "text/event-stream"
LAST_EVENT_ID: Final = "Last-Event-ID"
_SEQ: Final = re.compile(r"[0-9]{1,18}")


class Admission(NamedTuple):
    """A caller who may hear what happens in a world.

    Attributes:
        world: The world.
        caller: Who it is, in words that are nobody else's.
        account: The name of the account, where it is a person.
        after: The place after which events are wanted; the head where it is `None`.
        is_malformed: Whether the place that was given is none at all.
    """

    world: SeenWorld
    caller: str
    account: str | None
    after: int | None
    is_malformed: bool


class Admitted(Response):
    """The answer to who is let in. A server that holds no streams sends it as it is: no content.

    Browsers take that as word not to ask again.
    """

    def __init__(self, admission: Admission) -> None:
        """Keep what the stream begins with."""
        super().__init__(status=HTTPStatus.NO_CONTENT)
        self.admission = admission


class StreamView(ApiView):
    """A world's stream."""

    @extend_schema(
        operation_id="stream",
        parameters=[
            query("after", "Events past this place; the head when absent.", OpenApiTypes.INT),
            header(LAST_EVENT_ID, "The `id` that came last; it goes before `after`."),
        ],
        responses={
            (200, MEDIA_TYPE): OpenApiTypes.STR,
            204: OpenApiResponse(description="This server holds no streams; ask for the events."),
            **problems(400, 404),
        },
    )
    def get(self, request: Request, world: str) -> Response:
        """Send each event as it is recorded, as server-sent events, until the caller hangs up.

        `journal` messages hold an event as the list of events does, with its `seq` as the `id`.
        `changed` tells of what is no event, `reset` that the state is to be read anew, `end` why
        nothing follows.
        """
        seen = self.seen(world)
        caller = self.caller()
        after = parameters.integer(request, "after")
        last_id = request.headers.get(LAST_EVENT_ID, "").strip()
        is_malformed = bool(last_id) and _SEQ.fullmatch(last_id) is None
        if last_id and not is_malformed:
            after = int(last_id)
        return Admitted(Admission(seen, _name_of(caller), account_of(caller), after, is_malformed))


def _name_of(caller: Caller) -> str:
    if isinstance(caller, AgentCaller):
        return f"agent {caller.agent_id} of world {caller.world.pk}"
    return f"account {account_of(caller)}"
