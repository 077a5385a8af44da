"""Which hosts, origins and schemes are served: no page of another site reaches us by its name.

A name that an attacker binds to this machine's address is not one of the settings' own.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

# What Django serves in debugging when no host is set.
_DEBUG_HOSTS = [".localhost", "127.0.0.1", "[::1]"]


def is_served_host(host: str) -> bool:
    """Say whether the Host of a request is one of the settings' allowed hosts."""
    allowed = settings.ALLOWED_HOSTS
    if settings.DEBUG and not allowed:
        allowed = _DEBUG_HOSTS
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed)


def is_served_origin(origin: str | None) -> bool:
    """Say whether a request comes from no page, or from one of an allowed host or origin."""
    if origin is None or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and is_served_host(parts.netloc)


def is_served_scheme(scheme: str, headers: Mapping[bytes, str]) -> bool:
    """Say whether a request came by HTTPS, where the settings want it to."""
    if not settings.SECURE_SSL_REDIRECT or scheme == "https":
        return True
    if settings.SECURE_PROXY_SSL_HEADER is None:
        return False
    # Named in the manner of WSGI, as Django reads it: HTTP_X_FORWARDED_PROTO.
    name, secure = settings.SECURE_PROXY_SSL_HEADER
    header = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
    return headers.get(header, "").split(",")[0].strip() == secure
