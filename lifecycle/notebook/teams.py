"""The team of a world: who belongs to it, in which role, who is invited, what was changed.

Every member sees it; a maintainer changes it. How somebody comes in stands in `invitations`.
"""

from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lifecycle.access.callers import may_maintain
from lifecycle.core.events import RejectionRecord
from lifecycle.notebook.maintaining import by, maintained, refusal_of
from lifecycle.notebook.visiting import Visit, visit
from lifecycle.protocol.shown import shown as quoted
from lifecycle.usecases.errors import InvalidParameterError, NotFoundError, UseCaseError
from lifecycle.usecases.invitations import (
    DEFAULT_DAYS,
    LONGEST_NOTE,
    MOST_DAYS,
    Made,
    Wanted,
    invite,
    revoke_invitation,
)
from lifecycle.usecases.members import ROLES, change_role, limit_operator, remove_member, role_of
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.queries.teams import (
    changes_page,
    find_member,
    invitation_document,
    members_of,
    open_invitations,
)
from lifecycle.usecases.queries.worlds import agents_page

_MOST_CHANGES: Final = 20
_MOST_TICKED: Final = 200
_LIMITING: Final = frozenset({"agents", "limit"})
_FIRST_FORM: Final = Wanted("viewer", "", str(DEFAULT_DAYS))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a world's team; invite somebody into it."""
    if request.method != "POST":
        return _page(request, visit(request, slug), _FIRST_FORM)
    visited = maintained(request, slug)
    form = Wanted(*(request.POST.get(name, "") for name in Wanted._fields))
    try:
        made = invite(visited.world, form, by(request))
    except UseCaseError as error:
        refused = rejection_document(RejectionRecord(error.code, error.field, error.facts))
        return _page(request, visited, form, {"rejection": refused})
    # Shown in the answer itself: a redirect would need the code to be kept somewhere.
    return _page(request, visited, _FIRST_FORM, {"made": _made_document(request, made)})


def _made_document(request: HttpRequest, made: Made) -> Document:
    # Behind the "#", where no browser sends it: it stays out of every access log on the way.
    link = f"{request.build_absolute_uri(reverse('invitations'))}#{made.code}"
    return {**invitation_document(made.invitation), "code": made.code, "link": link}


def _page(
    request: HttpRequest, visited: Visit, form: Wanted, answer: Document | None = None
) -> HttpResponse:
    may_change = may_maintain(request.user, visited.world)
    context = {
        "head": visited.head,
        "members": members_of(visited.world),
        "invitations": open_invitations(visited.world) if may_change else [],
        "changes": changes_page(visited.world, limit=_MOST_CHANGES).rows,
        "may_change": may_change,
        "roles": ROLES,
        "form": form,
        "longest_note": LONGEST_NOTE,
        "most_days": MOST_DAYS,
        **(answer or {}),
    }
    refused = answer is not None and "rejection" in answer
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "notebook/team.html", context, status=status)


@login_required
@never_cache
@require_POST
def revoke(request: HttpRequest, slug: str, invitation_id: str) -> HttpResponse:
    """Revoke an invitation."""
    visited = maintained(request, slug)
    try:
        revoke_invitation(visited.world, invitation_id, by(request))
    except NotFoundError as error:
        raise Http404 from error
    messages.success(request, "The invitation is revoked; nobody can join by it any more.")
    return _to_team(slug)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Show one member; change the role, or end the membership once that was asked."""
    visited = visit(request, slug)
    is_self = name == request.user.get_username()
    may_change = may_maintain(request.user, visited.world)
    shown = find_member(visited.world, name)
    if shown is None:
        raise Http404
    if not may_change and not is_self:
        raise PermissionDenied
    context = {
        "head": visited.head,
        "member": shown,
        "is_self": is_self,
        "may_change": may_change,
        "roles": ROLES,
        "chosen": shown["acts_for"] or [],
        "limit": "all" if shown["acts_for"] is None else "some",
        "agents": _agents_to_tick(visited, shown) if may_change else None,
    }
    if request.method != "POST":
        return render(request, "notebook/member.html", context)
    refused = _change(request, visited, name, may_change=may_change)
    if refused is None:
        return _after(request, slug, name, is_self=is_self)
    context = {**context, "rejection": refused}
    if _LIMITING & request.POST.keys():
        sent = {"chosen": _ticked(request), "limit": request.POST.get("limit", "")}
        context = {**context, **sent, "at_limit": True}
    return render(request, "notebook/member.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _agents_to_tick(visited: Visit, shown: Document) -> list[str] | None:
    """Give the agents of a list; `None` where there are too many for one."""
    page = agents_page(visited.world, limit=_MOST_TICKED)
    if page.next is not None:
        return None
    here = [agent["agent_id"] for agent in page.rows]
    return here + [agent for agent in shown["acts_for"] or [] if agent not in here]


def _ticked(request: HttpRequest) -> list[str]:
    return " ".join(request.POST.getlist("agents")).replace(",", " ").split()


def _limit_in(request: HttpRequest) -> list[str] | None:
    """Read which agents are meant; `None` for all.

    Raises:
        InvalidParameterError: it is not said, or agents are named beside "all".
    """
    limit, ticked = request.POST.get("limit", ""), _ticked(request)
    if limit == "some":
        return ticked
    if ticked:
        # Nobody ticks agents to give all of them: one of the two is a slip, and which is not known.
        raise InvalidParameterError("limit", {"received": quoted(limit), "ticked": list(ticked)})
    if limit != "all":
        raise InvalidParameterError("limit", {"received": quoted(limit), "accepted": "all, some"})
    return None


def _change(
    request: HttpRequest, visited: Visit, name: str, *, may_change: bool
) -> Document | None:
    if "remove" in request.POST:
        return refusal_of(lambda: remove_member(visited.world, name, by(request)))
    if not may_change:
        raise PermissionDenied
    if _LIMITING & request.POST.keys():
        return refusal_of(
            lambda: limit_operator(visited.world, name, _limit_in(request), by(request))
        )
    role = request.POST.get("role", "")
    return refusal_of(lambda: change_role(visited.world, name, role_of(role), by(request)))


def _after(request: HttpRequest, slug: str, name: str, *, is_self: bool) -> HttpResponse:
    if "remove" in request.POST and is_self and not request.user.is_superuser:
        messages.success(request, f"You have left {slug}.")
        return HttpResponseRedirect(reverse("worlds"), status=HTTPStatus.SEE_OTHER)
    done = "is no member any more" if "remove" in request.POST else "is changed"
    messages.success(request, f"{name} {done}.")
    return _to_team(slug)


def _to_team(slug: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("team", args=[slug]), status=HTTPStatus.SEE_OTHER)
