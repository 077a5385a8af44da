"""Hosts, origins and schemes as the settings name them."""

import pytest
from pytest_django.fixtures import Settings

from lifecycle.mcp.hosts import is_served_host, is_served_origin, is_served_scheme


@pytest.mark.parametrize(
    ("host", "served"),
    [
        ("sim.example.org", True),
        ("SIM.example.org:443", True),
        ("a.b.example.net", True),
        ("[::1]:8000", True),
        ("example.org", False),
        ("sim.example.org.evil.example", False),
        ("sim.example.org@evil.example", False),
        ("", False),
        (":80", False),
    ],
)
def test_a_host_is_served_as_the_settings_name_it(
    settings: Settings, host: str, *, served: bool
) -> None:
    settings.ALLOWED_HOSTS = ["sim.example.org", ".example.net", "[::1]"]

    assert is_served_host(host) is served


def test_in_debugging_without_hosts_this_machine_is_served(settings: Settings) -> None:
    settings.ALLOWED_HOSTS, settings.DEBUG = [], True

    assert is_served_host("localhost:8000")
    assert not is_served_host("evil.example")


def test_an_origin_is_served_that_is_trusted_or_of_a_served_host(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["sim.example.org"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://tools.example.com"]

    assert is_served_origin(None)
    assert is_served_origin("https://sim.example.org")
    assert is_served_origin("https://tools.example.com")
    assert not is_served_origin("http://tools.example.com")
    assert not is_served_origin("null")


@pytest.mark.parametrize(
    ("scheme", "forwarded", "served"),
    [
        ("https", None, True),
        ("http", "https", True),
        ("http", "http", False),
        ("http", "http, https", False),
        ("http", None, False),
    ],
)
def test_where_https_is_wanted_nothing_is_served_in_clear(
    settings: Settings, scheme: str, forwarded: str | None, *, served: bool
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    headers = {} if forwarded is None else {b"x-forwarded-proto": forwarded}

    assert is_served_scheme(scheme, headers) is served


def test_where_https_is_not_wanted_any_scheme_is_served(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False

    assert is_served_scheme("http", {})


def test_without_a_proxy_no_header_makes_a_request_secure(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, None

    assert not is_served_scheme("http", {b"": "", b"x-forwarded-proto": "https"})
