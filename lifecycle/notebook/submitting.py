"""The page of a world and the form on it: submit a decision, or try one, for an agent."""

from http import HTTPStatus
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lifecycle.access.callers import SeenWorld
from lifecycle.core.events import RejectionRecord
from lifecycle.core.ids import AgentId, is_id
from lifecycle.notebook.cells import world_context
from lifecycle.notebook.examples import EXAMPLES, example_text
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
from lifecycle.usecases.queries.worlds import agents_page
from lifecycle.usecases.submit import Submission, dry_run, keep_malformed, submit

# From so many on, the template asks for the id instead of listing them.
_MOST_AGENTS: Final = 200
_ACCEPTED: Final = frozenset({"applied", "compiling", "unchanged"})
_STATUS_OF: Final = {
    ActingForAnotherError: HTTPStatus.FORBIDDEN,
    KeyReusedError: HTTPStatus.CONFLICT,
}


class Draft(NamedTuple):
    """What stands in the form. `key` makes sending it twice one event."""

    agent_id: str
    text: str
    key: str


class Answer(NamedTuple):
    """What became of a draft: its decision's document, or the fault that kept it from being one."""

    status: HTTPStatus
    document: Document | None
    rejection: Document | None
    dry: bool

    @property
    def is_accepted(self) -> bool:
        """Say whether the rules take the decision."""
        return self.document is not None and self.document["status"] in _ACCEPTED


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def world(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a world with the form; take the form."""
    visited = visit(request, slug)
    if request.method != "POST":
        return _page(request, visited, _first_draft(request, visited.world))
    if not visited.may_act:
        raise PermissionDenied
    draft = Draft(*(request.POST.get(name, "") for name in ("agent_id", "decision", "key")))
    answer = _answer(request, visited.head.slug, draft)
    if answer.is_accepted and not answer.dry and answer.document is not None:
        return _to_world(request, slug, answer.document)
    # The key is spent on what was refused; the same text mended is another decision.
    return _page(request, visited, draft._replace(key=new_id()), answer)


def _agents_of(world: SeenWorld) -> list[str]:
    return [agent["agent_id"] for agent in agents_page(world, limit=_MOST_AGENTS).rows]


def _first_draft(request: HttpRequest, world: SeenWorld) -> Draft:
    agents = _agents_of(world)
    agent_id = request.GET.get("agent_id", agents[0] if agents else "")
    return Draft(agent_id, example_text(request.GET.get("example", ""), world), new_id())


def _to_world(request: HttpRequest, slug: str, document: Document) -> HttpResponse:
    messages.success(request, accepted_sentence(document), extra_tags=document["id"])
    return HttpResponseRedirect(reverse("world", args=[slug]), status=HTTPStatus.SEE_OTHER)


def _page(
    request: HttpRequest, visited: Visit, draft: Draft, answer: Answer | None = None
) -> HttpResponse:
    version = live_version(visited.world)
    # Read again: a decision just taken has moved the head.
    visited = visit(request, visited.head.slug)
    context: dict[str, Any] = {
        **world_context(request, visited, version),
        "may_act": visited.may_act,
        "agents": _agents_of(visited.world),
        "draft": draft,
        "answer": answer,
        "examples": EXAMPLES,
    }
    status = HTTPStatus.OK if answer is None else answer.status
    return render(request, "notebook/world.html", context, status=status)


def _answer(request: HttpRequest, slug: str, draft: Draft) -> Answer:
    dry = "dry_run" in request.POST
    try:
        return _judge(_submission(request, slug, draft), draft, dry=dry)
    except UseCaseError as error:
        status = _STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)
        rejection = rejection_document(RejectionRecord(error.code, error.field, error.facts))
        return Answer(status, None, rejection, dry)


def _submission(request: HttpRequest, slug: str, draft: Draft) -> Submission:
    if not is_id(draft.agent_id):
        raise MalformedIdError("agent_id", draft.agent_id)
    return Submission(
        world=slug,
        agent_id=AgentId(draft.agent_id),
        account=request.user.get_username(),
        channel="notebook",
        idempotency_key=draft.key,
        raw_reply=draft.text,
    )


def _judge(submission: Submission, draft: Draft, *, dry: bool) -> Answer:
    body = draft.text.encode()
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
