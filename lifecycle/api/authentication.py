"""Who sends a request: an agent by its bearer token, or an account by its session.

What either may do is not decided here.
"""

from typing import Final

from django.conf import settings
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from lifecycle.access.addresses import client_address
from lifecycle.access.callers import AgentCaller, SeenWorld
from lifecycle.api.problems import CsrfFailedError
from lifecycle.usecases.tokens import admit

_SCHEME: Final = "bearer"
_CHALLENGE: Final = 'Bearer realm="worldsim"'


class AgentTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer wst_…``: the agent that the token was issued to."""

    def authenticate(self, request: Request) -> tuple[AgentCaller, None] | None:
        """Give the agent, or `None` where the request carries no bearer token.

        Raises:
            AuthenticationFailed: the token is unknown or revoked.
            RateLimitedError: too many such tokens came from this address.
        """
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != _SCHEME:
            return None
        holder = admit(token.strip(), _address_of(request))
        if holder is None:
            raise AuthenticationFailed
        world = SeenWorld(holder.world_pk, holder.world_slug)
        return AgentCaller(world, holder.agent_id), None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """Give the challenge of a 401."""
        return _CHALLENGE


def _address_of(request: Request) -> str:
    return client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        proxies=settings.ENVIRONMENT.trusted_proxies,
    )


class AccountSessionAuthentication(SessionAuthentication):
    """A person's log-in; whatever changes something needs the CSRF token too."""

    def enforce_csrf(self, request: Request) -> None:
        """Refuse a request that may come from another site.

        Raises:
            CsrfFailedError: the token is missing or wrong.
        """
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailedError from error
