"""The page of a world and its composer: write a decision, try it, submit it for an agent."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from lifecycle.access.callers import SeenWorld
from lifecycle.core.events import RejectionRecord
from lifecycle.core.ids import AgentId, is_id
from lifecycle.notebook.cells import world_context
from lifecycle.notebook.composer import Answer, agents_of, composer_context
from lifecycle.notebook.composing import Composed, composed_of, read_composed, shown_as
from lifecycle.notebook.examples import find_example
from lifecycle.notebook.fields import FORMS
from lifecycle.notebook.visiting import Visit, visit
from lifecycle.notebook.wording import accepted_sentence
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import Parsed, parse_decision
from lifecycle.usecases.clock import new_id
from lifecycle.usecases.errors import (
    ActingForAnotherError,
    KeyReusedError,
    MalformedIdError,
    UseCaseError,
)
from lifecycle.usecases.outcomes import outcome_document
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.queries.live import live_version
from lifecycle.usecases.submit import Submission, dry_run, keep_malformed, submit

_STATUS_OF: Final = {
    ActingForAnotherError: HTTPStatus.FORBIDDEN,
    KeyReusedError: HTTPStatus.CONFLICT,
}
_AGENTS_CHOSEN: Final = "agents_chosen"


@login_required
@never_cache
@vary_on_headers("HX-Request")
@require_http_methods(["GET", "HEAD", "POST"])
def world(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a world with the composer; take what it sends."""
    visited = visit(request, slug)
    if request.method != "POST":
        return _page(request, visited, _first(request, visited.world))
    if not visited.may_act:
        raise PermissionDenied
    composed, key = read_composed(request), request.POST.get("key", "")
    if "show" in request.POST:
        return _show(request, visited, composed, key)
    answer = _answer(request, slug, composed, key)
    if answer.is_accepted and not answer.dry and answer.document is not None:
        _remember_agent(request, slug, composed.agent_id)
        return _accepted(request, visited, composed, answer.document)
    # The key is spent on what was refused; the same text mended is another decision.
    return _page(request, visited, composed, answer)


def _first(request: HttpRequest, world: SeenWorld) -> Composed:
    """Give what the address asks the composer to start from."""
    asked = request.GET
    agents = agents_of(world)
    remembered = request.session.get(_AGENTS_CHOSEN, {}).get(world.slug)
    agent_id = remembered if remembered in agents else next(iter(agents), "")
    blank = Composed(agent_id=asked.get("agent_id", agent_id))
    example = find_example(asked.get("example", ""), world)
    if example is not None:
        return composed_of(example, blank) or blank
    if asked.get("decision") in FORMS:
        blank = blank._replace(decision=asked["decision"])
    return shown_as(blank, "json") if asked.get("mode") == "json" else blank


def _remember_agent(request: HttpRequest, slug: str, agent_id: str) -> None:
    chosen = request.session.get(_AGENTS_CHOSEN, {})
    if chosen.get(slug) != agent_id:
        request.session[_AGENTS_CHOSEN] = {**chosen, slug: agent_id}


def _show(request: HttpRequest, visited: Visit, composed: Composed, key: str) -> HttpResponse:
    """Show the same as a form, as JSON, or as the form of another decision."""
    view = request.POST["show"]
    if view == "chosen":
        view = request.POST.get("choice", "")
    shown = shown_as(composed, view)
    answer = _not_a_form(shown) if shown.as_json and view != "json" else None
    return _page(request, visited, shown, answer, key=key)


def _not_a_form(composed: Composed) -> Answer | None:
    """Say why a text stays JSON."""
    parsed = parse_decision(composed.text.encode(), takes_agent_id=True)
    if not isinstance(parsed, Malformed):
        return None
    record = RejectionRecord(parsed.code, parsed.field, parsed.facts)
    return Answer(HTTPStatus.OK, None, rejection_document(record), dry=True, stays_json=True)


def _accepted(
    request: HttpRequest, visited: Visit, composed: Composed, document: Document
) -> HttpResponse:
    said = accepted_sentence(document)
    if "HX-Request" in request.headers:
        blank = Composed(agent_id=composed.agent_id, decision=composed.decision)
        return _page(request, visited, blank, said=said)
    messages.success(request, said, extra_tags=document["id"])
    address = reverse("world", args=[visited.world.slug])
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)


def _page(
    request: HttpRequest,
    visited: Visit,
    composed: Composed,
    answer: Answer | None = None,
    *,
    key: str | None = None,
    said: str = "",
) -> HttpResponse:
    """Give the page; to the composer's own script only the composer."""
    status = HTTPStatus.OK if answer is None else answer.status
    context: dict[str, Any] = composer_context(visited.world, composed, key or new_id(), answer)
    context |= {"said": said, "may_act": visited.may_act}
    if "HX-Request" in request.headers:
        context["head"] = visited.head
        return render(request, "notebook/_new_cell.html", context, status=status)
    version = live_version(visited.world)
    # Read again: a decision just taken has moved the head.
    context |= world_context(request, visit(request, visited.head.slug), version)
    return render(request, "notebook/world.html", context, status=status)


def _answer(request: HttpRequest, slug: str, composed: Composed, key: str) -> Answer:
    dry = "dry_run" in request.POST
    try:
        return _judge(_submission(request, slug, composed, key), composed.body, dry=dry)
    except UseCaseError as error:
        status = _STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)
        rejection = rejection_document(RejectionRecord(error.code, error.field, error.facts))
        return Answer(status, None, rejection, dry)


def _submission(request: HttpRequest, slug: str, composed: Composed, key: str) -> Submission:
    if not is_id(composed.agent_id):
        raise MalformedIdError("agent_id", composed.agent_id)
    return Submission(
        world=slug,
        agent_id=AgentId(composed.agent_id),
        account=request.user.get_username(),
        channel="notebook",
        idempotency_key=key,
        raw_reply=composed.body,
    )


def _judge(submission: Submission, text: str, *, dry: bool) -> Answer:
    body = text.encode()
    parsed = parse_decision(body, takes_agent_id=True)
    if isinstance(parsed, Malformed):
        if not dry:
            keep_malformed(submission, parsed, body)
        record = RejectionRecord(parsed.code, parsed.field, parsed.facts)
        return Answer(HTTPStatus.BAD_REQUEST, None, rejection_document(record), dry)
    _require_chosen_agent(parsed, submission)
    outcome = dry_run(submission, parsed) if dry else submit(submission, parsed)
    document = outcome_document(submission, outcome)
    refused = document["rejection"] is not None and not dry
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return Answer(status, document, document["rejection"], dry)


def _require_chosen_agent(parsed: Parsed, submission: Submission) -> None:
    """Refuse a text that names another agent than the form does.

    Raises:
        ActingForAnotherError: it does.
    """
    if parsed.agent_id is not None and parsed.agent_id != submission.agent_id:
        facts = {"received": parsed.agent_id[:140], "agent_id": submission.agent_id}
        raise ActingForAnotherError("agent_id", facts)
