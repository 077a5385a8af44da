"""Worlds and who and what is in them: list, read, and for those who may, add."""

from typing import Final

from django.contrib.auth.models import User
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.access.callers import (
    SeenWorld,
    account_of,
    find_seen_world,
    may_found_worlds,
    may_maintain,
    seen_worlds,
)
from lifecycle.api import parameters, serializers
from lifecycle.api.bodies import read_texts
from lifecycle.api.openapi import problems, query
from lifecycle.api.problems import ProblemError
from lifecycle.api.views import ApiView
from lifecycle.journal.errors import WorldNotFoundError
from lifecycle.usecases import worlds
from lifecycle.usecases.members import found_world
from lifecycle.usecases.queries.worlds import (
    agents_page,
    locations_page,
    world_document,
    world_rows,
)

_DEFAULT_PAGE: Final = 100
_LARGEST_PAGE: Final = 1000
_AFTER: Final = query("after", "The `next` of the page before.")
_LIMIT: Final = query("limit", "1 to 1000; 100 when absent.", OpenApiTypes.INT)


class WorldsView(ApiView):
    """The worlds that the caller sees."""

    @extend_schema(operation_id="worlds_list", responses={200: serializers.WorldList, **problems()})
    def get(self, request: Request) -> Response:  # noqa: ARG002 - Django's
        """List worlds by slug."""
        return Response(
            {"worlds": [row.document() for row in world_rows(seen_worlds(self.caller()))]}
        )

    @extend_schema(
        operation_id="worlds_create",
        request=serializers.NewWorld,
        responses={201: serializers.World, **problems(400, 403, 409, 413, 415)},
    )
    def post(self, request: Request) -> Response:
        """Found a world, for accounts that may; the founder becomes its maintainer."""
        caller = self.caller()
        if not may_found_worlds(caller) or not isinstance(caller, User):
            raise ProblemError("permission_denied")
        slug = read_texts(request, ("slug",))["slug"]
        found_world(slug, caller, channel="api")
        return Response(world_document(self.seen(slug)), status=201)


class WorldView(ApiView):
    """One world."""

    @extend_schema(
        operation_id="worlds_retrieve", responses={200: serializers.World, **problems(404)}
    )
    def get(self, request: Request, world: str) -> Response:  # noqa: ARG002 - Django's
        """Tell where a world's journal ends and how much is in it."""
        return Response(world_document(self.seen(world)))


class PeopledView(ApiView):
    """What agents and places have in common: maintainers add them."""

    def maintained(self, slug: str) -> SeenWorld:
        """Give a world that the caller may add to.

        Raises:
            WorldNotFoundError: the caller sees no such world.
            ProblemError: the caller may not add to it.
        """
        world = find_seen_world(self.caller(), slug)
        if world is None:
            raise WorldNotFoundError(slug)
        if not may_maintain(self.caller(), world):
            raise ProblemError("permission_denied")
        return world


class AgentsView(PeopledView):
    """A world's agents."""

    @extend_schema(
        operation_id="agents_list",
        parameters=[_AFTER, _LIMIT],
        responses={200: serializers.AgentPage, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """List agents in the order of their ids."""
        page = agents_page(
            self.seen(world),
            after=parameters.text(request, "after"),
            limit=parameters.limit(request, _DEFAULT_PAGE, _LARGEST_PAGE),
        )
        return Response({"agents": page.rows, "next": page.next})

    @extend_schema(
        operation_id="agents_add",
        request=serializers.NewAgent,
        responses={201: serializers.AddedAgent, **problems(400, 403, 404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, world: str) -> Response:
        """Add an agent and give its token, the only time that it is shown. Maintainers only."""
        seen = self.maintained(world)
        given = read_texts(request, ("agent_id",), ("location_id",))
        place = given.get("location_id")
        token = worlds.add_agent(
            seen.slug,
            given["agent_id"],
            at=place,
            account=account_of(self.caller()),
            channel="api",
        )
        return Response(
            {"agent_id": given["agent_id"], "location_id": place, "token": token},
            status=201,
            headers={"Cache-Control": "no-store"},
        )


class LocationsView(PeopledView):
    """A world's places."""

    @extend_schema(
        operation_id="locations_list",
        parameters=[_AFTER, _LIMIT],
        responses={200: serializers.LocationPage, **problems(400, 404)},
    )
    def get(self, request: Request, world: str) -> Response:
        """List places in the order of their ids."""
        page = locations_page(
            self.seen(world),
            after=parameters.text(request, "after"),
            limit=parameters.limit(request, _DEFAULT_PAGE, _LARGEST_PAGE),
        )
        return Response({"locations": page.rows, "next": page.next})

    @extend_schema(
        operation_id="locations_add",
        request=serializers.NewLocation,
        responses={201: serializers.Location, **problems(400, 403, 404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, world: str) -> Response:
        """Add a place. Maintainers only."""
        seen = self.maintained(world)
        location_id = read_texts(request, ("location_id",))["location_id"]
        added = worlds.add_location(
            seen.slug, location_id, account=account_of(self.caller()), channel="api"
        )
        document = {"location_id": location_id, "registered_at_tick": added.recorded.tick}
        return Response(document, status=201)
