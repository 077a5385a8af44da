"""The page of a world and its composer: write a decision, try it, submit it for an agent."""

from http import HTTPStatus
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from lifecycle.access.callers import may_maintain
from lifecycle.notebook.cells import world_context
from lifecycle.notebook.composer import Answer, composer_context
from lifecycle.notebook.composing import Composed, read_composed, shown_as
from lifecycle.notebook.drafts import (
    Conflict,
    Place,
    close_draft,
    conflict_of,
    count_drafts,
    desk_of,
    place_of,
    save_composed,
)
from lifecycle.notebook.judging import judged, not_kept, why_no_form
from lifecycle.notebook.starting import first_composed, remember_agent
from lifecycle.notebook.visiting import Visit, visit
from lifecycle.notebook.wording import accepted_sentence
from lifecycle.usecases.clock import new_id
from lifecycle.usecases.errors import UseCaseError
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.live import live_version


class Sheet(NamedTuple):
    """What the composer shows.

    Attributes:
        composed: What stands in it.
        place: The draft that it is, where it is one.
        key: What makes sending it twice one event; spent on what was refused.
        answer: What became of it, where it was sent.
        conflict: What another save left, where this one came too late.
        said: What else there is to say.
    """

    composed: Composed
    place: Place = Place()
    key: str = ""
    answer: Answer | None = None
    conflict: Conflict | None = None
    said: str = ""

    @property
    def status(self) -> HTTPStatus:
        """Give the status of the answer that shows it."""
        if self.conflict is not None:
            return HTTPStatus.CONFLICT
        return HTTPStatus.OK if self.answer is None else self.answer.status


@login_required
@never_cache
@vary_on_headers("HX-Request")
@require_http_methods(["GET", "HEAD", "POST"])
def world(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a world with the composer; take what it sends."""
    visited = visit(request, slug)
    if request.method != "POST":
        composed, place, said = first_composed(request, visited)
        return _page(request, visited, Sheet(composed, place, said=said))
    if not visited.may_act:
        raise PermissionDenied
    sheet = Sheet(read_composed(request), place_of(request), request.POST.get("key", ""))
    if "show" in request.POST:
        return _page(request, visited, _shown(request, sheet))
    if request.POST.keys() & {"save", "resolve"}:
        return _after_save(request, visited, _saved(request, visited, sheet))
    return _submitted(request, visited, sheet)


def _shown(request: HttpRequest, sheet: Sheet) -> Sheet:
    """Show the same as a form, as JSON, or as the form of another decision."""
    view = request.POST["show"]
    if view == "chosen":
        view = request.POST.get("choice", "")
    composed = shown_as(sheet.composed, view)
    stays = composed.as_json and view != "json"
    return sheet._replace(composed=composed, answer=why_no_form(composed) if stays else None)


def _saved(request: HttpRequest, visited: Visit, sheet: Sheet) -> Sheet:
    """Keep the same as a draft, or say what stands in the way."""
    desk = desk_of(request, visited)
    if desk is None:
        raise PermissionDenied
    try:
        saved = save_composed(desk, sheet.composed, sheet.place, request.POST.get("resolve", ""))
    except UseCaseError as error:
        return sheet._replace(answer=not_kept(error))
    if saved.is_stale:
        return sheet._replace(conflict=conflict_of(saved))
    if request.POST.get("save") == "new":
        blank = Composed(agent_id=sheet.composed.agent_id, decision=sheet.composed.decision)
        return Sheet(blank, said="Saved as a draft; here is a new cell.")
    place = Place(saved.draft.draft_id, saved.draft.version)
    return sheet._replace(place=place, said="Saved as a draft.")


def _after_save(request: HttpRequest, visited: Visit, sheet: Sheet) -> HttpResponse:
    """Show it; the address names what stands in the composer when it is opened again."""
    page = _page(request, visited, sheet)
    if "HX-Request" in request.headers and sheet.said and not sheet.place.draft_id:
        page.headers["HX-Replace-Url"] = f"{reverse('world', args=[visited.world.slug])}?new=1"
    return page


def _submitted(request: HttpRequest, visited: Visit, sheet: Sheet) -> HttpResponse:
    slug, composed = visited.world.slug, sheet.composed
    answer = judged(request, slug, composed, sheet.key)
    if not answer.is_accepted or answer.dry or answer.document is None:
        return _page(request, visited, sheet._replace(key="", answer=answer))
    remember_agent(request, slug, composed.agent_id)
    close_draft(request, visited, composed)
    return _accepted(request, visited, composed, answer.document)


def _accepted(
    request: HttpRequest, visited: Visit, composed: Composed, document: Document
) -> HttpResponse:
    said, address = accepted_sentence(document), reverse("world", args=[visited.world.slug])
    if "HX-Request" in request.headers:
        blank = Composed(agent_id=composed.agent_id, decision=composed.decision)
        page = _page(request, visited, Sheet(blank, said=said))
        page.headers["HX-Replace-Url"] = address
        return page
    messages.success(request, said, extra_tags=document["id"])
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)


def _page(request: HttpRequest, visited: Visit, sheet: Sheet) -> HttpResponse:
    """Give the page; to the composer's own script only the composer."""
    context: dict[str, Any] = {
        **composer_context(request.user, visited.world, sheet.composed, sheet.answer),
        "may_act": visited.may_act,
        "key": sheet.key or new_id(),
        "place": sheet.place,
        "conflict": sheet.conflict,
        "said": sheet.said,
        "drafts_kept": count_drafts(request, visited),
    }
    # Asked only where there is no agent, to say where one is made.
    context["may_maintain"] = not context["agents"] and may_maintain(request.user, visited.world)
    if "HX-Request" in request.headers:
        context["head"] = visited.head
        return render(request, "notebook/_new_cell.html", context, status=sheet.status)
    version = live_version(visited.world)
    # Read again: a decision just taken has moved the head.
    context |= world_context(request, visit(request, visited.head.slug), version)
    return render(request, "notebook/world.html", context, status=sheet.status)
