"""Coming in by an invitation: show the code, then join with an account or make one.

The code is never part of an address. A link carries it behind the "#", which browsers send to
nobody; the page puts it into a form, and the form is posted. From then on the session remembers
which invitation was opened, and not the code. Making invitations stands in `teams`.
"""

from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lifecycle.core.events import RejectionRecord
from lifecycle.notebook.forms import SignUpForm
from lifecycle.notebook.logging_in import address_of, too_many
from lifecycle.usecases.errors import (
    AlreadyMemberError,
    InvitationError,
    RateLimitedError,
    UseCaseError,
)
from lifecycle.usecases.invitations import join, open_invitation, reopen_invitation
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.queries.teams import invitation_document
from lifecycle.usecases.rates import begin_code

_OPENED: Final = "invitation"
_STATUS_OF: Final = {
    "invitation_unknown": HTTPStatus.NOT_FOUND,
    "already_member": HTTPStatus.CONFLICT,
}


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """Ask for the code of an invitation; open it."""
    if request.method != "POST":
        return render(request, "notebook/invitations.html")
    try:
        attempt = begin_code(address_of(request))
        invitation = open_invitation(request.POST.get("code", "").strip())
    except RateLimitedError as error:
        return too_many(request, error)
    except InvitationError as error:
        return _refused(request, error)
    attempt.succeeded()
    request.session[_OPENED] = invitation.invitation_id
    return HttpResponseRedirect(reverse("join"), status=HTTPStatus.SEE_OTHER)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_world(request: HttpRequest) -> HttpResponse:
    """Show where an opened invitation leads; join as who is logged in, or as somebody new."""
    opened = request.session.get(_OPENED)
    if opened is None:
        return HttpResponseRedirect(reverse("invitations"))
    try:
        invitation = reopen_invitation(opened)
        if request.method != "POST":
            form = SignUpForm()
        elif isinstance(request.user, User):
            return _join(request, opened, request.user)
        else:
            begin_code(address_of(request))
            form = SignUpForm(request.POST)
            if form.is_valid():
                return _sign_up(request, opened, form)
    except RateLimitedError as error:
        return too_many(request, error)
    except UseCaseError as error:
        return _refused(request, error)
    document = {**invitation_document(invitation), "world": invitation.world.slug}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(
        request, "notebook/join.html", {"invitation": document, "form": form}, status=status
    )


def _join(request: HttpRequest, opened: str, account: User) -> HttpResponse:
    world = join(opened, account, channel="notebook")
    request.session.pop(_OPENED, None)
    messages.success(request, f"You are a member of {world.slug} now.")
    return HttpResponseRedirect(reverse("world", args=[world.slug]), status=HTTPStatus.SEE_OTHER)


def _sign_up(request: HttpRequest, opened: str, form: SignUpForm) -> HttpResponse:
    # No account is left behind by an invitation that somebody else used meanwhile.
    with transaction.atomic():
        account = form.save()
        world = join(opened, account, channel="notebook")
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    request.session.pop(_OPENED, None)
    messages.success(request, f"Welcome. You are a member of {world.slug} now.")
    return HttpResponseRedirect(reverse("world", args=[world.slug]), status=HTTPStatus.SEE_OTHER)


def _refused(request: HttpRequest, error: UseCaseError) -> HttpResponse:
    if not isinstance(error, AlreadyMemberError):
        request.session.pop(_OPENED, None)
    context: Document = {
        "rejection": rejection_document(RejectionRecord(error.code, error.field, error.facts))
    }
    status = _STATUS_OF.get(error.code, HTTPStatus.GONE)
    return render(request, "notebook/invitations.html", context, status=status)
