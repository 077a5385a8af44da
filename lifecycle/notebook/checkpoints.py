"""The signed checkpoints of a world: list them, take one away, prove that history extends one.

Every member may do that; auditors and maintainers also have the world signed.
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
from django.views.decorators.http import require_http_methods, require_safe

from lifecycle.access.callers import may_audit
from lifecycle.core.events import RejectionRecord
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.notebook.visiting import Visit, place_in, visit
from lifecycle.usecases.checkpoints import known_keys, make_checkpoint
from lifecycle.usecases.errors import BusyError, InvalidParameterError, NotFoundError, UseCaseError
from lifecycle.usecases.long_answers import turn
from lifecycle.usecases.proofs import MOST_PROVEN, note_in, proof_document, prove
from lifecycle.usecases.queries.audits import checkpoints_page, get_note
from lifecycle.usecases.queries.documents import Document, rejection_document
from lifecycle.usecases.signing import SigningKeyError

_PAGE: Final = 20
_LARGEST_FILE: Final = 64 * 1024
_LARGEST_PLACE: Final = 2**63 - 1
_NOTE: Final = "text/plain; charset=utf-8"
_CHANNEL: Final = "notebook"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkpoints(request: HttpRequest, slug: str) -> HttpResponse:
    """List a world's checkpoints; prove one that is sent, or sign where the world stands."""
    visited = visit(request, slug)
    if request.method != "POST":
        return _page(request, visited)
    try:
        if "sign" in request.POST:
            return _signed(request, visited)
        return _page(request, visited, {"proof": _proof(request, visited)})
    except UseCaseError as error:
        refused = rejection_document(RejectionRecord(error.code, error.field, error.facts))
        busy = isinstance(error, BusyError)
        status = HTTPStatus.SERVICE_UNAVAILABLE if busy else HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(request, visited, {"rejection": refused}, status)


def _proof(request: HttpRequest, visited: Visit) -> Document:
    """Prove what was sent: a file, or else a text.

    Raises:
        InvalidParameterError: nothing was sent, or the world is longer than a page may check.
        BusyError: as many long answers are being made as may be.
    """
    if visited.head.seq > MOST_PROVEN:
        accepted = f"a world of at most {MOST_PROVEN} events; the command verify checks any number"
        raise InvalidParameterError("checkpoint", {"accepted": accepted})
    sent = request.FILES.get("file")
    # One byte more than a note may have: what is longer is none, and is said to be none.
    text = request.POST.get("note", "") if sent is None else _text_of(sent.read(_LARGEST_FILE + 1))
    if not text.strip():
        accepted = "the file of a checkpoint, or its text"
        raise InvalidParameterError("checkpoint", {"accepted": accepted})
    with turn():
        return proof_document(prove(visited.world.slug, note_in(text), known_keys()))


def _text_of(content: bytes) -> str:
    return content.decode(errors="replace")


def _signed(request: HttpRequest, visited: Visit) -> HttpResponse:
    if not may_audit(request.user, visited.world):
        raise PermissionDenied
    account = request.user.get_username()
    try:
        with turn():
            made = make_checkpoint(visited.world.slug, account=account, channel=_CHANNEL)
    except JournalBrokenError as error:
        record = RejectionRecord("journal_broken", None, {"seq": error.seq, "reason": error.code})
        answer = {"rejection": rejection_document(record)}
        return _page(request, visited, answer, HTTPStatus.CONFLICT)
    messages.success(request, f"Event {made.seq} is signed. Keep the checkpoint elsewhere.")
    address = reverse("checkpoints", args=[visited.world.slug])
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)


def _page(
    request: HttpRequest,
    visited: Visit,
    answer: Document | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "head": visited.head,
        "listing": checkpoints_page(visited.world, before=place_in(request), limit=_PAGE),
        "keys": _keys(),
        "may_sign": may_audit(request.user, visited.world),
        "most_proven": MOST_PROVEN,
        **(answer or {}),
    }
    return render(request, "notebook/checkpoints.html", context, status=status)


def _keys() -> list[str]:
    """Give the keys that verify, the one in use first; none where that one cannot be read."""
    try:
        return [key.vkey for key in known_keys()]
    except SigningKeyError:
        return []


@login_required
@never_cache
@require_safe
def checkpoint(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """Give the checkpoint of a place as a file."""
    visited = visit(request, slug)
    try:
        note = get_note(visited.world, min(seq, _LARGEST_PLACE))
    except NotFoundError as error:
        raise Http404 from error
    name = f'attachment; filename="{visited.world.slug}-{seq}.checkpoint"'
    return HttpResponse(note, content_type=_NOTE, headers={"Content-Disposition": name})
