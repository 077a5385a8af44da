"""The address `/mcp/`: streamable HTTP, without sessions, for agents that send their token.

Every request stands alone, so any process of any machine may serve it. What is asked is `server`'s.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from lifecycle.access.addresses import client_address
from lifecycle.access.callers import AgentCaller, SeenWorld
from lifecycle.access.tokens import TokenHolder
from lifecycle.mcp.faults import record_of_error
from lifecycle.mcp.hosts import is_served_host, is_served_origin, is_served_scheme
from lifecycle.mcp.server import make_server
from lifecycle.protocol.wording import describe
from lifecycle.usecases.errors import RateLimitedError
from lifecycle.usecases.threads import Threads
from lifecycle.usecases.tokens import admit

PATHS: Final = frozenset({"/mcp", "/mcp/"})
_CHALLENGE: Final = 'Bearer realm="worldsim"'
_MEDIA_TYPE: Final = "application/problem+json"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _RefusedError(Exception):
    """A request that reaches no server."""

    def __init__(self, status: int, code: str, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Endpoint:
    """An ASGI application that serves the protocol at one address."""

    def __init__(self, pool: Executor, *, max_body_bytes: int) -> None:
        """Serve on a pool's threads; longer bodies are refused with 413."""
        self._threads = Threads(pool)
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - ASGI
        """Serve one request."""
        try:
            caller = await self._admit(scope)
        except _RefusedError as refusal:
            await _answer(refusal, send)
            return
        # One manager for each request: it holds nothing between requests that have no session,
        # and needs no lifespan of the server around it.
        manager = StreamableHTTPSessionManager(
            make_server(caller, self._threads),
            json_response=True,
            stateless=True,
            max_request_body_size=self._max_body_bytes,
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    async def _admit(self, scope: Any) -> AgentCaller:  # noqa: ANN401 - ASGI
        """Give the agent that sends a request.

        Raises:
            _RefusedError: the request is for another host, in clear where HTTPS is wanted, from a
                foreign page, without the token of an agent, or not a POST.
        """
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        served = is_served_host(headers.get(b"host", ""))
        if not served or not is_served_scheme(scope["scheme"], headers):
            raise _RefusedError(400, "bad_request")
        if not is_served_origin(headers.get(b"origin")):
            raise _RefusedError(403, "permission_denied")
        caller = await self._caller(headers.get(b"authorization", ""), _address_of(scope))
        if scope["method"] != "POST":
            # Nothing is ever sent unasked, so there is no stream to GET, and no session to end.
            raise _RefusedError(405, "method_not_allowed", allow="POST")
        return caller

    async def _caller(self, authorization: str, address: str) -> AgentCaller:
        scheme, _, token = authorization.partition(" ")
        holder = None
        if scheme.lower() == "bearer":
            holder = await self._holder(token.strip(), address)
        if holder is None:
            raise _RefusedError(401, "authentication_failed", www_authenticate=_CHALLENGE)
        return AgentCaller(SeenWorld(holder.world_pk, holder.world_slug), holder.agent_id)

    async def _holder(self, token: str, address: str) -> TokenHolder | None:
        try:
            return await self._threads.run(lambda: admit(token, address))
        except RateLimitedError as error:
            seconds = str(error.retry_after_seconds)
            raise _RefusedError(429, error.code, retry_after=seconds) from None
        except Exception as error:  # noqa: BLE001 - whatever it is, no more than a code is told
            code = record_of_error(error).code
            raise _RefusedError(503 if code == "storage_unavailable" else 500, code) from None


def _address_of(scope: Any) -> str:  # noqa: ANN401 - ASGI
    # The header may come more than once, and means the same as one that holds them all.
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return client_address(
        (scope.get("client") or ("",))[0],
        b",".join(forwarded).decode("latin-1"),
        proxies=settings.ENVIRONMENT.trusted_proxies,
    )


async def _answer(refusal: _RefusedError, send: Send) -> None:
    """Answer with a problem document that says what is wrong, and nothing else."""
    document = {
        "type": f"urn:worldsim:problem:{refusal.code}",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": describe(refusal.code, None, {}).message,
        "code": refusal.code,
    }
    body = json.dumps(document).encode()
    headers = {"content-type": _MEDIA_TYPE, "content-length": str(len(body)), **refusal.headers}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
