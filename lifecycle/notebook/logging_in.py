"""Logging in, which is limited in number, and the mark of a browser that has done so before."""

import secrets
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from lifecycle.access.addresses import client_address
from lifecycle.usecases.errors import RateLimitedError
from lifecycle.usecases.rates import begin_log_in, plain_name

_COOKIE: Final = "worldsim_browser"
_SALT: Final = "lifecycle.notebook.logging_in"
_KEPT_SECONDS: Final = 180 * 24 * 3600


class LogIn(LoginView):
    """The log-in page. What it says does not depend on whether there is such an account."""

    template_name = "notebook/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401 - Django's signature
        """Count the attempt, then look at the password."""
        name = request.POST.get("username", "")
        try:
            self.attempt = begin_log_in(name, address_of(request), _known_browser(request, name))
        except RateLimitedError as error:
            return too_many(request, error)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in, and know the browser again."""
        self.attempt.succeeded()
        response = super().form_valid(form)
        _mark(response, form.get_user().get_username())
        return response


def address_of(request: HttpRequest) -> str:
    """Give the address that a request is counted under."""
    return client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        proxies=settings.ENVIRONMENT.trusted_proxies,
    )


def too_many(request: HttpRequest, error: RateLimitedError) -> HttpResponse:
    """Say that there were too many requests, and when it is worth trying again."""
    seconds = error.retry_after_seconds
    response = render(
        request, "429.html", {"seconds": seconds}, status=HTTPStatus.TOO_MANY_REQUESTS
    )
    response.headers["Retry-After"] = str(seconds)
    return response


def _known_browser(request: HttpRequest, name: str) -> str | None:
    """Give the id of a browser that has logged in to this very account before."""
    try:
        told = signing.loads(request.COOKIES.get(_COOKIE, ""), salt=_SALT, max_age=_KEPT_SECONDS)
    except signing.BadSignature:
        return None
    return told["browser"] if told["account"] == plain_name(name) else None


def _mark(response: HttpResponse, name: str) -> None:
    mark = {"account": plain_name(name), "browser": secrets.token_urlsafe(16)}
    response.set_cookie(
        _COOKIE,
        signing.dumps(mark, salt=_SALT),
        max_age=_KEPT_SECONDS,
        path=reverse("login"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
