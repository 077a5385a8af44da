"""What the audit pages ask for: checks and checkpoints, and how a refusal is told on a page."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from lifecycle.access.callers import SeenWorld
from lifecycle.journal.errors import JournalBrokenError
from lifecycle.protocol.shown import shown
from lifecycle.protocol.wording import describe
from lifecycle.usecases.check_jobs import CheckRequest, ask_check
from lifecycle.usecases.checkpoints import make_checkpoint
from lifecycle.usecases.errors import InvalidParameterError, UseCaseError

CHANNEL: Final = "notebook"
_MOST_DIGITS: Final = 18


def ask_for_check(
    request: HttpRequest, world: SeenWorld, back: str, wasm_hash: str | None = None
) -> HttpResponse:
    """Queue a check and lead to its page; or back, with what is wrong."""
    try:
        asked = CheckRequest(
            account=request.user.get_username(),
            channel=CHANNEL,
            from_seq=_place(request, "from") or 1,
            to_seq=_place(request, "to"),
            wasm_hash=wasm_hash,
        )
        job = ask_check(world, asked)
    except UseCaseError as error:
        return _refused(request, error, back)
    return HttpResponseRedirect(reverse("admin:lifecycle_checkjob_change", args=[job.pk]))


def ask_for_checkpoint(request: HttpRequest, world: SeenWorld, back: str) -> HttpResponse:
    """Sign where a world stands, and say so."""
    try:
        made = make_checkpoint(world.slug, account=request.user.get_username(), channel=CHANNEL)
    except UseCaseError as error:
        return _refused(request, error, back)
    except JournalBrokenError as error:
        said = f"Nothing was signed: event {error.seq}, {error.reason} ({error.code})."
        messages.error(request, said)
        return HttpResponseRedirect(back)
    messages.success(request, f"Event {made.seq} is signed. Keep the checkpoint elsewhere.")
    return HttpResponseRedirect(back)


def _place(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > _MOST_DIGITS or int(text) < 1:
        facts = {"received": shown(text), "accepted": "a place in the journal, in plain digits"}
        raise InvalidParameterError(name, facts)
    return int(text)


def _refused(request: HttpRequest, error: UseCaseError, back: str) -> HttpResponse:
    wording = describe(error.code, error.field, error.facts)
    hint = error.facts.get("accepted")
    messages.error(request, f"{wording.message} {f'Accepted is {hint}.' if hint else wording.hint}")
    return HttpResponseRedirect(back)
