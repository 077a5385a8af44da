"""The ASGI application: Django's WSGI one on a pool of threads, each with its own connection.

Django's own ASGI path opens a thread, and so a database connection, per request, which serves a
synchronous view at a fraction of the rate; the event loop stays free this way.
"""

from a2wsgi import WSGIMiddleware
from django.conf import settings

from worldsim.wsgi import application as wsgi_application

application = WSGIMiddleware(
    wsgi_application,  # type: ignore[arg-type] # Django's response iterates over bytes, untyped
    workers=settings.ENVIRONMENT.web_threads,
)
