"""What the composer starts from: a draft, an example, or what an earlier decision asked."""

from typing import Final, NamedTuple

from django.http import Http404, HttpRequest

from lifecycle.access.callers import SeenWorld
from lifecycle.notebook.composer import agents_of
from lifecycle.notebook.composing import Composed, composed_of, shown_as
from lifecycle.notebook.drafts import Place, opened_draft
from lifecycle.notebook.examples import find_example
from lifecycle.notebook.fields import FORMS, Kind
from lifecycle.notebook.visiting import Visit
from lifecycle.usecases.queries.artifacts import find_wasm
from lifecycle.usecases.queries.decisions import DecisionInFull, find_decision_in_full

_AGENTS_CHOSEN: Final = "agents_chosen"
# Any of these asks for something else than the draft saved last.
_FRESH: Final = frozenset({"new", "example", "decision", "mode", "from"})
_LARGEST_BYTES_SHOWN: Final = 512 * 1024


class Start(NamedTuple):
    """What stands in the composer at first, which draft it is, and what there is to say of it."""

    composed: Composed
    place: Place = Place()
    said: str = ""


def first_composed(request: HttpRequest, visited: Visit) -> Start:
    """Give what the address asks the composer to start from.

    Raises:
        Http404: the address names a decision or a draft that is not there.
    """
    blank = Composed(agent_id=_agent_for(request, visited.world))
    if not visited.may_act:
        return Start(blank)
    if not request.GET.keys() & _FRESH:
        opened = opened_draft(request, visited)
        if opened is None and "draft" in request.GET:
            raise Http404
        return Start(blank) if opened is None else Start(*opened)
    if "from" in request.GET:
        return _repeated(visited, request.GET["from"], blank)
    return Start(_fresh(request, visited.world, blank))


def _fresh(request: HttpRequest, world: SeenWorld, blank: Composed) -> Composed:
    asked = request.GET
    example = find_example(asked.get("example", ""), world, blank.agent_id)
    if example is not None:
        return composed_of(example, blank) or blank
    if asked.get("decision") in FORMS:
        form = FORMS[asked["decision"]]
        texts = [field.name for field in form.fields if field.kind is not Kind.FILES]
        fields = {name: asked[name] for name in texts if name in asked}
        blank = blank._replace(decision=form.name, fields=fields)
    return shown_as(blank, "json") if asked.get("mode") == "json" else blank


def _agent_for(request: HttpRequest, world: SeenWorld) -> str:
    asked = request.GET.get("agent_id")
    if asked is not None:
        return asked
    agents = agents_of(request.user, world)
    remembered = request.session.get(_AGENTS_CHOSEN, {}).get(world.slug)
    return remembered if remembered in agents else next(iter(agents), "")


def remember_agent(request: HttpRequest, slug: str, agent_id: str) -> None:
    """Choose this agent the next time that the account writes in the world."""
    chosen = request.session.get(_AGENTS_CHOSEN, {})
    if chosen.get(slug) != agent_id:
        request.session[_AGENTS_CHOSEN] = {**chosen, slug: agent_id}


def _repeated(visited: Visit, decision_id: str, blank: Composed) -> Start:
    """Give what an earlier decision asked, for another try."""
    found = find_decision_in_full(visited.world, decision_id.replace("\0", ""))
    if found is None:
        raise Http404
    blank = blank._replace(agent_id=found.document["agent_id"] or blank.agent_id)
    asked = dict(found.document["decision"])
    had_files = asked.pop("source_files", None) is not None
    had_bytes = asked.pop("wasm_bytes_hex", None) is not None
    composed = composed_of(asked, blank)
    if composed is None:
        # What was no decision is mended as the text that it was.
        return Start(blank._replace(as_json=True, text=found.raw_reply or ""))
    if had_files:
        return _with_files(composed, found)
    return _with_bytes(composed, visited.world) if had_bytes else Start(composed)


def _with_files(composed: Composed, found: DecisionInFull) -> Start:
    if found.sources is None:
        return Start(composed, said="Refused sources are not kept; add the files again.")
    return Start(composed._replace(files=tuple(sorted(found.sources.files.items()))))


def _with_bytes(composed: Composed, world: SeenWorld) -> Start:
    content = find_wasm(world, composed.fields.get("wasm_hash", ""))
    if content is None:
        return Start(composed, said="Refused bytes are not kept; choose the module's file again.")
    if len(content) > _LARGEST_BYTES_SHOWN:
        return Start(composed, said="The module is large; choose its file again.")
    return Start(composed._replace(fields={**composed.fields, "wasm_bytes_hex": content.hex()}))
