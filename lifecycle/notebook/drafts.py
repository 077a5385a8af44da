"""Drafts of cells in the browser: saved as they are written, listed, opened again, forgotten.

How versions keep two tabs from overwriting each other is `usecases.drafts`'s matter.
"""

import json
from http import HTTPStatus
from typing import Final, NamedTuple

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lifecycle.core.events import RejectionRecord
from lifecycle.notebook.composing import Composed, read_composed
from lifecycle.notebook.fields import FORMS
from lifecycle.notebook.visiting import Visit, visit
from lifecycle.usecases.drafts import (
    MOST_DRAFTS,
    Desk,
    KeptDraft,
    Saved,
    drafts_of,
    end_draft,
    find_draft,
    newest_draft,
    save_draft,
    start_draft,
)
from lifecycle.usecases.errors import UseCaseError
from lifecycle.usecases.queries.documents import rejection_document

_MOST_DIGITS: Final = 9
_LONGEST_SHOWN: Final = 20_000
_TITLED_BY: Final = ("module_id", "to", "ticks")


class Place(NamedTuple):
    """The draft that a composer writes, and the version that it knows of it."""

    draft_id: str = ""
    version: int = 0


class Conflict(NamedTuple):
    """What another save left, beside the text that came too late."""

    theirs: KeptDraft
    text: str
    is_cut: bool


def desk_of(request: HttpRequest, visited: Visit) -> Desk | None:
    """Give where an account writes; `None` where it may not act."""
    if not visited.may_act or not isinstance(request.user, User):
        return None
    return Desk(visited.world, request.user)


def dumped(composed: Composed) -> str:
    """Give what stands in a composer as a draft keeps it."""
    return json.dumps(composed._asdict(), ensure_ascii=True)


def loaded(content: str) -> Composed:
    """Read what a draft keeps."""
    kept = json.loads(content)
    files = tuple((path, text) for path, text in kept.pop("files"))
    return Composed(**{**kept, "files": files})


def opened_draft(request: HttpRequest, visited: Visit) -> tuple[Composed, Place] | None:
    """Give the draft that the address names, or without a name the one saved last."""
    desk = desk_of(request, visited)
    if desk is None:
        return None
    asked = request.GET.get("draft")
    kept = newest_draft(desk) if asked is None else find_draft(desk, asked.replace("\0", ""))
    return None if kept is None else (loaded(kept.content), Place(kept.draft_id, kept.version))


def place_of(request: HttpRequest) -> Place:
    """Read from a form which draft it writes."""
    draft_id, version = request.POST.get("draft", ""), request.POST.get("version", "")
    if not draft_id or "\0" in draft_id or not _is_count(version):
        return Place()
    return Place(draft_id, int(version))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def count_drafts(request: HttpRequest, visited: Visit) -> int:
    """Count an account's drafts of a world."""
    desk = desk_of(request, visited)
    return 0 if desk is None else len(drafts_of(desk))


def close_draft(request: HttpRequest, visited: Visit, composed: Composed) -> None:
    """Forget the draft of what was submitted, but not what another tab has written since."""
    desk, place = desk_of(request, visited), place_of(request)
    if desk is None or not place.draft_id or end_draft(desk, place.draft_id, place.version):
        return
    kept = find_draft(desk, place.draft_id)
    if kept is not None and kept.content == dumped(composed):
        end_draft(desk, place.draft_id, kept.version)


def save_composed(
    desk: Desk, composed: Composed, place: Place, resolve: str = "", *, again: bool = False
) -> Saved:
    """Save what stands in a composer, as a new draft where it has none.

    Args:
        desk: Whose draft it is.
        composed: What was written.
        place: The draft, and the version that it was written from.
        resolve: After a conflict: ``both`` keeps this as a new draft, a version overwrites that
            one, which was shown.
        again: Whether this was sent before and not answered, so that it may be kept already.

    Raises:
        UseCaseError: it is not kept.
    """
    title, content = _title_of(composed), dumped(composed)
    if resolve == "both" or not place.draft_id or find_draft(desk, place.draft_id) is None:
        kept = newest_draft(desk) if again else None
        if kept is not None and kept.content == content:
            return Saved(kept, is_stale=False)
        return Saved(start_draft(desk, title, content), is_stale=False)
    known = int(resolve) if _is_count(resolve) else place.version
    return save_draft(desk, place.draft_id, known, title, content)


def conflict_of(saved: Saved) -> Conflict:
    """Give what to show of the save that came first."""
    theirs = loaded(saved.draft.content)
    text = theirs.text if theirs.as_json else _as_text(theirs)
    return Conflict(saved.draft, text[:_LONGEST_SHOWN], is_cut=len(text) > _LONGEST_SHOWN)


def _as_text(composed: Composed) -> str:
    fields = "\n".join(f"{name}: {text}" for name, text in composed.fields.items())
    files = "\n".join(f"\n--- {path}\n{text}" for path, text in composed.files if path or text)
    return f"{FORMS[composed.decision].title} for {composed.agent_id}\n{fields}\n{files}"


def _title_of(composed: Composed) -> str:
    if composed.as_json:
        return " ".join(composed.text[:400].split())[:100]
    named = (composed.fields.get(name, "").strip() for name in _TITLED_BY)
    return f"{FORMS[composed.decision].title} {next(filter(None, named), '')}".strip()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def drafts(request: HttpRequest, slug: str) -> HttpResponse:
    """List one's drafts in a world; save one, as the composer's script does all the time."""
    visited = visit(request, slug)
    desk = desk_of(request, visited)
    if request.method != "POST":
        rows = [] if desk is None else drafts_of(desk)
        context = {"head": visited.head, "drafts": rows, "most": MOST_DRAFTS}
        return render(request, "notebook/drafts.html", context)
    if desk is None:
        raise PermissionDenied
    if "delete" in request.POST:
        end_draft(desk, request.POST["delete"].replace("\0", ""))
        return HttpResponseRedirect(reverse("drafts", args=[slug]), status=HTTPStatus.SEE_OTHER)
    return _save(request, desk, visited)


def _save(request: HttpRequest, desk: Desk, visited: Visit) -> HttpResponse:
    composed, place = read_composed(request), place_of(request)
    try:
        resolve, again = request.POST.get("resolve", ""), "again" in request.POST
        saved = save_composed(desk, composed, place, resolve, again=again)
    except UseCaseError as error:
        record = RejectionRecord(error.code, error.field, error.facts)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return JsonResponse({"rejection": rejection_document(record)}, status=status)
    if saved.is_stale:
        context = {"head": visited.head, "conflict": conflict_of(saved)}
        return render(request, "notebook/_draft_conflict.html", context, status=HTTPStatus.CONFLICT)
    return JsonResponse({"draft": saved.draft.draft_id, "version": saved.draft.version})
