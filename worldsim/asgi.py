"""The ASGI application: Django's WSGI one on a pool of threads, each with its own connection.

Django's own ASGI path opens a thread, and so a database connection, per request, which serves a
synchronous view at a fraction of the rate; the event loop stays free this way, and waits for slow
clients in the threads' place.
"""

from a2wsgi import WSGIMiddleware
from django.conf import settings

from worldsim.wsgi import application as wsgi_application

# Below the line above, which sets Django up.
from worldsim.patience import PatientApplication  # isort: skip

application = PatientApplication(
    WSGIMiddleware(
        wsgi_application,  # type: ignore[arg-type] # Django's response iterates over bytes, untyped
        workers=settings.ENVIRONMENT.web_threads,
    ),
    max_body_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
)
