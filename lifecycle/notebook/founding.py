"""The page of all worlds that an account sees, and the form on it that founds one."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lifecycle.access.callers import may_found_worlds, seen_worlds
from lifecycle.access.roles import roles_of
from lifecycle.notebook.maintaining import refusal_of, status_of
from lifecycle.usecases.members import found_world
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.worlds import with_last_activity, world_rows


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def worlds(request: HttpRequest) -> HttpResponse:
    """List the worlds that the account may see; found one."""
    founder = request.user
    may_found = may_found_worlds(founder)
    if request.method != "POST":
        return _page(request, may_found=may_found)
    if not may_found or not isinstance(founder, User):
        raise PermissionDenied
    slug = request.POST.get("slug", "").strip()
    refused = refusal_of(lambda: found_world(slug, founder, channel="notebook"))
    if refused is not None:
        return _page(request, may_found=True, slug=slug, refused=refused)
    return HttpResponseRedirect(reverse("world", args=[slug]), status=HTTPStatus.SEE_OTHER)


def _page(
    request: HttpRequest, *, may_found: bool, slug: str = "", refused: Document | None = None
) -> HttpResponse:
    roles = roles_of(request.user)
    cards = [
        {"world": with_last_activity(row), "role": roles.get(row.seen.pk)}
        for row in world_rows(seen_worlds(request.user))
    ]
    context = {"cards": cards, "may_found": may_found, "slug": slug, "rejection": refused}
    return render(request, "notebook/worlds.html", context, status=status_of(refused))
