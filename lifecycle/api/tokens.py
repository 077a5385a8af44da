"""Tokens of a world's agents, for maintainers. No address holds one, only the number of its row."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.access.callers import SeenWorld, account_of
from lifecycle.api import serializers
from lifecycle.api.openapi import problems, query
from lifecycle.api.worlds import PeopledView
from lifecycle.usecases.changes import By
from lifecycle.usecases.errors import NotFoundError
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.tokens import token_document, tokens_of
from lifecycle.usecases.queries.worlds import find_agent
from lifecycle.usecases.tokens import Issued, add_token, replace_tokens, revoke_token


class _TokensView(PeopledView):
    """What the views of an agent's tokens share."""

    def agents_world(self, slug: str, agent_id: str) -> SeenWorld:
        """Give a world that the caller maintains and the agent is in.

        Raises:
            WorldNotFoundError: the caller sees no such world.
            ProblemError: the caller may not maintain it.
            NotFoundError: it has no such agent.
        """
        world = self.maintained(slug)
        if find_agent(world, agent_id) is None:
            raise NotFoundError
        return world

    def by(self) -> By:
        """Say who changes something by the API."""
        return By(account_of(self.caller()), "api")


class TokensView(_TokensView):
    """An agent's tokens."""

    @extend_schema(
        operation_id="tokens_list",
        responses={200: serializers.TokenList, **problems(403, 404)},
    )
    def get(self, request: Request, world: str, agent_id: str) -> Response:  # noqa: ARG002 - Django's
        """List an agent's tokens by their first characters. Maintainers only."""
        return Response({"tokens": tokens_of(self.agents_world(world, agent_id), agent_id)})

    @extend_schema(
        operation_id="tokens_make",
        request=None,
        parameters=[
            query(
                "replace_after_hours",
                "0 to 168: the present tokens end so many hours later. Absent: they stay.",
                OpenApiTypes.INT,
            )
        ],
        responses={201: serializers.NewToken, **problems(400, 403, 404)},
    )
    def post(self, request: Request, world: str, agent_id: str) -> Response:
        """Make a token and give it, the only time that it is shown. Maintainers only."""
        seen = self.agents_world(world, agent_id)
        document = _new_document(self._issue(request, seen, agent_id))
        return Response(document, status=201, headers={"Cache-Control": "no-store"})

    def _issue(self, request: Request, seen: SeenWorld, agent_id: str) -> Issued:
        hours = request.query_params.get("replace_after_hours")
        if hours is None:
            return add_token(seen, agent_id, self.by())
        return replace_tokens(seen, agent_id, self.by(), hours=hours)


def _new_document(issued: Issued) -> Document:
    return {**token_document(issued.row, is_valid=True), "token": issued.token}


class TokenRevocationView(_TokensView):
    """The end of a token."""

    @extend_schema(
        operation_id="tokens_revoke",
        request=None,
        responses={200: serializers.TokenList, **problems(403, 404)},
    )
    def post(self, request: Request, world: str, agent_id: str, token_id: int) -> Response:  # noqa: ARG002 - Django's
        """Revoke a token now, and give those that the agent has. Maintainers only."""
        seen = self.agents_world(world, agent_id)
        revoke_token(seen, agent_id, token_id, self.by())
        return Response({"tokens": tokens_of(seen, agent_id)})
