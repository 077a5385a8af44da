"""Runs of agents: who is driven by which model, turn by turn; a maintainer starts and stops them.

What a run does is the runner's matter; these pages start none of its turns themselves.
"""

from http import HTTPStatus
from typing import Final

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lifecycle.access.callers import may_maintain
from lifecycle.content.store import ContentError
from lifecycle.core.events import RejectionRecord
from lifecycle.notebook.maintaining import status_of
from lifecycle.notebook.visiting import Visit, place_in, visit
from lifecycle.usecases.errors import (
    InvalidParameterError,
    NotFoundError,
    RefusedError,
    UseCaseError,
)
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.queries.runs import get_run, get_turn, runs_of, turns_page
from lifecycle.usecases.queries.worlds import agents_page
from lifecycle.usecases.run_requests import (
    DIALECTS,
    LONGEST_GOAL,
    MOST_TURNS,
    RunRequest,
    get_offered_model,
    offered_models,
)
from lifecycle.usecases.runs import start_run, stop_run
from lifecycle.usecases.turns import get_prompt

_MOST_RUNS: Final = 50
_PAGE: Final = 20
# From so many on, the template asks for the id instead of listing them.
_MOST_AGENTS: Final = 200
_FIRST_FORM: Final = {
    "agent_id": "",
    "model": "",
    "dialect": DIALECTS[0],
    "turns": "10",
    "goal": "",
}
_ACTIVE: Final = frozenset({"running", "stopping"})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def runs(request: HttpRequest, slug: str) -> HttpResponse:
    """List a world's runs; start one."""
    visited = visit(request, slug)
    if request.method != "POST":
        return _page(request, visited, dict(_FIRST_FORM))
    if not may_maintain(request.user, visited.world):
        raise PermissionDenied
    form = {name: request.POST.get(name, "") for name in _FIRST_FORM}
    try:
        run = start_run(_request_of(request, visited, form))
    except UseCaseError as error:
        return _page(request, visited, form, RejectionRecord(error.code, error.field, error.facts))
    except RefusedError as error:
        return _page(request, visited, form, error.record)
    address = reverse("run", args=[slug, run.run_id])
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)


def _request_of(request: HttpRequest, visited: Visit, form: dict[str, str]) -> RunRequest:
    # Only what the operator offers: an address of the page's choosing could be any machine.
    model = get_offered_model(form["model"])
    return RunRequest(
        world=visited.world.slug,
        agent_id=form["agent_id"].strip(),
        model=model.name,
        base_url=model.base_url,
        dialect=form["dialect"],
        turns=_count_in(form["turns"]),
        goal=form["goal"].replace("\r\n", "\n"),
        account=request.user.get_username(),
    )


def _count_in(text: str) -> int:
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(MOST_TURNS)):
        facts = {"received": text[:80], "accepted": f"1 to {MOST_TURNS}"}
        raise InvalidParameterError("turns", facts)
    return int(digits)


def _page(
    request: HttpRequest,
    visited: Visit,
    form: dict[str, str],
    refused: RejectionRecord | None = None,
) -> HttpResponse:
    agents = [agent["agent_id"] for agent in agents_page(visited.world, limit=_MOST_AGENTS).rows]
    rejection = rejection_document(refused)
    context = {
        "head": visited.head,
        "runs": runs_of(visited.world, limit=_MOST_RUNS),
        "may_start": may_maintain(request.user, visited.world),
        "agents": agents,
        "models": offered_models(),
        "dialects": DIALECTS,
        "longest_goal": LONGEST_GOAL,
        "most_turns": MOST_TURNS,
        "form": form,
        "rejection": rejection,
    }
    return render(request, "notebook/runs.html", context, status=status_of(rejection))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, slug: str, run_id: str) -> HttpResponse:
    """Show a run with its turns; stop it."""
    visited = visit(request, slug)
    shown = _run_or_404(visited, run_id)
    if request.method == "POST":
        if not may_maintain(request.user, visited.world):
            raise PermissionDenied
        stop_run(visited.world, run_id)
        address = reverse("run", args=[slug, run_id])
        return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
    return render(request, "notebook/run.html", _turns(request, visited, shown))


@login_required
@never_cache
@require_safe
def run_live(request: HttpRequest, slug: str, run_id: str) -> HttpResponse:
    """Give a run's turns anew, as its page asks for while it is open."""
    visited = visit(request, slug)
    shown = _run_or_404(visited, run_id)
    return render(request, "notebook/_turns.html", _turns(request, visited, shown))


@login_required
@never_cache
@require_safe
def turn(request: HttpRequest, slug: str, run_id: str, number: int) -> HttpResponse:
    """Show one turn with the prompt that its model was asked with, and all that it said."""
    visited = visit(request, slug)
    shown = _run_or_404(visited, run_id)
    try:
        taken = get_turn(visited.world, run_id, number)
    except NotFoundError as error:
        raise Http404 from error
    context = {"head": visited.head, "run": shown, "turn": taken, "prompt": _prompt_of(taken)}
    return render(request, "notebook/turn.html", context)


def _prompt_of(taken: Document) -> list[Document] | None:
    """Give the messages of a turn's prompt; `None` where there are none any more, or not yet."""
    digest = taken["prompt_digest"]
    try:
        return None if digest is None else get_prompt(digest)
    except ContentError:
        return None


def _run_or_404(visited: Visit, run_id: str) -> Document:
    try:
        return get_run(visited.world, run_id)
    except NotFoundError as error:
        raise Http404 from error


def _turns(request: HttpRequest, visited: Visit, shown: Document) -> Document:
    before = place_in(request)
    if before == 0:
        raise Http404
    return {
        "head": visited.head,
        "run": shown,
        "listing": turns_page(visited.world, shown["run_id"], before=before, limit=_PAGE),
        "may_stop": may_maintain(request.user, visited.world) and shown["state"] in _ACTIVE,
        "is_live": shown["state"] in _ACTIVE and before is None,
    }
