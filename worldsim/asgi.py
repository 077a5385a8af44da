"""The ASGI application: pages and API as a WSGI application on a pool of threads, the rest beside.

Django's own ASGI path opens a thread, and so a database connection, per request, which serves a
synchronous view at a fraction of the rate; the event loop stays free this way, and waits for slow
clients in the threads' place. Only mount points belong here.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from a2wsgi import WSGIMiddleware
from django.conf import settings

from worldsim.wsgi import application as wsgi_application

# Below the line above, which sets Django up.
from lifecycle.api.stream.endpoint import Endpoint as Streams, is_stream  # isort: skip
from lifecycle.mcp.endpoint import PATHS, Endpoint  # isort: skip
from lifecycle.mcp.bodies import Receive, Send  # isort: skip
from worldsim.patience import Application, PatientApplication  # isort: skip

_STREAM_THREADS: Final = 3
_pages = WSGIMiddleware(
    wsgi_application,  # type: ignore[arg-type] # Django's response iterates over bytes, untyped
    workers=settings.ENVIRONMENT.web_threads,
)
# On the same threads, so that one number bounds all that waits for the database.
_mcp = Endpoint(_pages.executor, max_body_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
# On others: a burst of requests holds up no event, and streams take no request's thread.
_streams = Streams(
    wsgi_application,
    ThreadPoolExecutor(_STREAM_THREADS, "stream"),
    most=settings.ENVIRONMENT.streams,
    most_of_caller=settings.ENVIRONMENT.streams_of_caller,
)


async def _mounted(scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - ASGI
    """Hand a request to the face that its path belongs to."""
    is_mcp = scope["type"] == "http" and scope["path"] in PATHS
    face: Application = _mcp if is_mcp else _pages
    await face(scope, receive, send)


_patient = PatientApplication(_mounted, max_body_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


async def application(scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - ASGI
    """Serve a request; a stream has no end that could be waited for, and patience of its own."""
    face: Application = (
        _streams if scope["type"] == "http" and is_stream(scope["path"]) else _patient
    )
    await face(scope, receive, send)
