"""The address `/mcp/`: streamable HTTP, without sessions, for agents that send their token.

Every request stands alone, so any process of any machine may serve it. What is asked is `server`'s.
"""

import json
from collections.abc import Mapping
from concurrent.futures import Executor
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import UNSUPPORTED_PROTOCOL_VERSION, JSONRPCError
from mcp_types.version import KNOWN_PROTOCOL_VERSIONS

from lifecycle.access.addresses import client_address
from lifecycle.access.callers import AgentCaller, SeenWorld
from lifecycle.access.tokens import TokenHolder
from lifecycle.core.events import RejectionRecord
from lifecycle.mcp.bodies import (
    BodyError,
    GoneError,
    Receive,
    Replayed,
    Send,
    read_body,
    require_json,
)
from lifecycle.mcp.faults import record_of_error
from lifecycle.mcp.hosts import is_served_host, is_served_origin, is_served_scheme
from lifecycle.mcp.messages import SCOPE_KEY, MessageError, Sent, read_message
from lifecycle.mcp.server import make_server
from lifecycle.protocol.shown import shown
from lifecycle.protocol.wording import describe
from lifecycle.usecases.errors import RateLimitedError
from lifecycle.usecases.threads import Threads
from lifecycle.usecases.tokens import admit

PATHS: Final = frozenset({"/mcp", "/mcp/"})
_CHALLENGE: Final = 'Bearer realm="worldsim"'
_MEDIA_TYPE: Final = "application/problem+json"
_VERSION_HEADER: Final = "MCP-Protocol-Version"


class _RefusedError(Exception):
    """A request that reaches no server."""

    def __init__(self, status: int, record: RejectionRecord, **headers: str) -> None:
        super().__init__(record.code)
        self.status, self.record = status, record
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Endpoint:
    """An ASGI application that serves the protocol at one address."""

    def __init__(self, pool: Executor, *, max_body_bytes: int) -> None:
        """Serve on a pool's threads; longer bodies are refused with 413."""
        self._threads = Threads(pool)
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - ASGI
        """Serve one request."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        try:
            caller = await self._admit(scope, headers)
            sent = await self._message(headers, receive)
        except _RefusedError as refusal:
            await _answer(refusal, send)
        except MessageError as error:
            await _answer_message(error.answer, send)
        except GoneError:
            pass  # nobody is left to be answered, and nothing was done
        else:
            await self._serve(caller, sent, ({**scope, SCOPE_KEY: sent}, receive, send))

    async def _serve(
        self,
        caller: AgentCaller,
        sent: Sent,
        connection: tuple[Any, Receive, Send],
    ) -> None:
        """Hand a message to a server of its own."""
        scope, receive, send = connection
        body = sent.encoded()
        # One manager for each request: it holds nothing between requests that have no session,
        # and needs no lifespan of the server around it.
        manager = StreamableHTTPSessionManager(
            make_server(caller, self._threads),
            json_response=True,
            stateless=True,
            max_request_body_size=max(self._max_body_bytes, len(body)),
        )
        async with manager.run():
            await manager.handle_request(scope, Replayed(body, receive), send)

    async def _message(self, headers: Mapping[bytes, str], receive: Receive) -> Sent:
        """Read the message of a request.

        Raises:
            _RefusedError: its body is not read.
            MessageError: it is no message, or of a version that is not spoken here.
            GoneError: the client hung up.
        """
        try:
            require_json(headers)
            body = await read_body(headers, receive, maximum=self._max_body_bytes)
        except BodyError as error:
            raise _RefusedError(error.status, error.record) from None
        sent = await self._threads.run(lambda: read_message(body))
        version = headers.get(_VERSION_HEADER.lower().encode())
        if version is not None and version not in KNOWN_PROTOCOL_VERSIONS:
            raise _unspoken(version, sent)
        return sent

    async def _admit(self, scope: Any, headers: Mapping[bytes, str]) -> AgentCaller:  # noqa: ANN401 - ASGI
        """Give the agent that sends a request.

        Raises:
            _RefusedError: the request is for another host, in clear where HTTPS is wanted, from a
                foreign page, without the token of an agent, or not a POST.
        """
        served = is_served_host(headers.get(b"host", ""))
        if not served or not is_served_scheme(scope["scheme"], headers):
            raise _refused(400, "bad_request")
        if not is_served_origin(headers.get(b"origin")):
            raise _refused(403, "permission_denied")
        caller = await self._caller(headers.get(b"authorization", ""), _address_of(scope))
        if scope["method"] != "POST":
            # Nothing is ever sent unasked, so there is no stream to GET, and no session to end.
            facts = {"method": shown(scope["method"]), "allowed": "POST"}
            record = RejectionRecord("method_not_allowed", None, facts)
            raise _RefusedError(405, record, allow="POST")
        return caller

    async def _caller(self, authorization: str, address: str) -> AgentCaller:
        scheme, _, token = authorization.partition(" ")
        holder = None
        if scheme.lower() == "bearer":
            holder = await self._holder(token.strip(), address)
        if holder is None:
            raise _refused(401, "authentication_failed", www_authenticate=_CHALLENGE)
        return AgentCaller(SeenWorld(holder.world_pk, holder.world_slug), holder.agent_id)

    async def _holder(self, token: str, address: str) -> TokenHolder | None:
        try:
            return await self._threads.run(lambda: admit(token, address))
        except RateLimitedError as error:
            seconds = str(error.retry_after_seconds)
            raise _refused(429, error.code, retry_after=seconds) from None
        except Exception as error:  # noqa: BLE001 - whatever it is, no more than a code is told
            code = record_of_error(error).code
            raise _refused(503 if code == "storage_unavailable" else 500, code) from None


def _refused(status: int, code: str, **headers: str) -> _RefusedError:
    return _RefusedError(status, RejectionRecord(code, None, {}), **headers)


def _unspoken(version: str, sent: Sent) -> MessageError:
    """Refuse a version of the protocol, with the data by which a client chooses another."""
    facts = {"received": shown(version), "accepted": list(KNOWN_PROTOCOL_VERSIONS)}
    record = RejectionRecord("invalid_parameter", _VERSION_HEADER, facts)
    told = {"supported": list(KNOWN_PROTOCOL_VERSIONS), "requested": shown(version)}
    request_id = getattr(sent.message, "id", None)
    return MessageError(UNSUPPORTED_PROTOCOL_VERSION, record, request_id, **told)


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
    code, field, facts = refusal.record.code, refusal.record.field, refusal.record.facts
    wording = describe(code, field, facts)
    document = {
        "type": f"urn:worldsim:problem:{code}",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": wording.message,
        "code": code,
        "field": field,
        "hint": wording.hint,
        "facts": facts,
    }
    headers = {"content-type": _MEDIA_TYPE, **refusal.headers}
    await _send(refusal.status, headers, json.dumps(document).encode(), send)


async def _answer_message(answer: JSONRPCError, send: Send) -> None:
    """Answer what is no message with an error of the protocol."""
    headers = {"content-type": "application/json"}
    await _send(400, headers, answer.model_dump_json(by_alias=True).encode(), send)


async def _send(status: int, given: Mapping[str, str], body: bytes, send: Send) -> None:
    headers = {**given, "content-length": str(len(body))}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
