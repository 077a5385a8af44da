"""One's own account: its worlds, its password. Those of others are the admin's matter."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lifecycle.notebook.logging_in import too_many
from lifecycle.usecases.errors import RateLimitedError
from lifecycle.usecases.queries.teams import roles_of
from lifecycle.usecases.rates import begin_password_change


@login_required
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show the account with its roles."""
    context = {"roles": roles_of(request.user.get_username())}
    return render(request, "notebook/account.html", context)


class ChangePassword(PasswordChangeView):
    """Take a new password. This session goes on; the account's others end."""

    template_name = "notebook/password.html"
    success_url = reverse_lazy("account")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401 - Django's signature
        """Count the attempt, then look at the present password."""
        try:
            self.attempt = begin_password_change(request.user.get_username())
        except RateLimitedError as error:
            return too_many(request, error)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        """Count only what did not know the present password."""
        if "old_password" not in form.errors:
            self.attempt.succeeded()
        return super().form_invalid(form)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Set it and say so."""
        self.attempt.succeeded()
        messages.success(self.request, "The new password holds. Other sessions have ended.")
        return super().form_valid(form)
