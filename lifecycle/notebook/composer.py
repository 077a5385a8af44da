"""The composer as its template draws it: fields with what stands in them and what is wrong there.

Reading it from a request is `composing`'s matter, submitting it `submitting`'s.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from lifecycle.access.acting import acts_for
from lifecycle.access.callers import Caller, SeenWorld
from lifecycle.notebook.composing import Composed
from lifecycle.notebook.examples import EXAMPLES
from lifecycle.notebook.fields import FORMS, Field, Kind
from lifecycle.protocol.names import DEPLOY
from lifecycle.usecases.limits import policy
from lifecycle.usecases.queries.artifacts import artifacts_page
from lifecycle.usecases.queries.documents import Document
from lifecycle.usecases.queries.modules import modules_page
from lifecycle.usecases.queries.worlds import agents_page, locations_page

# From so many on, the template asks for the id instead of listing them.
MOST_AGENTS: Final = 200
_MOST_SUGGESTED: Final = 50
_ACCEPTED: Final = frozenset({"applied", "compiling", "unchanged"})


class Answer(NamedTuple):
    """What became of what was sent: its decision's document, or why it did not become one."""

    status: HTTPStatus
    document: Document | None
    rejection: Document | None
    dry: bool
    heading: str = ""

    @property
    def is_accepted(self) -> bool:
        """Say whether the rules take the decision."""
        return self.document is not None and self.document["status"] in _ACCEPTED


class Suggestion(NamedTuple):
    """A value that a field could have, and what it is."""

    value: str
    label: str


class Shown(NamedTuple):
    """A field as it is drawn; `fault` says what is wrong with what stands in it."""

    field: Field
    value: str
    fault: str
    hint: str
    suggestions: tuple[Suggestion, ...]

    @property
    def described_by(self) -> str:
        """Give the ids of what is said about the field."""
        told = f"hint-{self.field.name}"
        return f"fault-{self.field.name} {told}" if self.fault else told


def agents_of(caller: Caller, world: SeenWorld) -> list[str]:
    """Give the agents to choose from: those that the caller may act for."""
    limited = acts_for(caller, world)
    if limited is not None:
        return limited
    return [agent["agent_id"] for agent in agents_page(world, limit=MOST_AGENTS).rows]


def composer_context(
    caller: Caller, world: SeenWorld, composed: Composed, answer: Answer | None = None
) -> dict[str, Any]:
    """Give what the composer's template needs.

    Args:
        caller: Who writes.
        world: The world that is written in.
        composed: What stands in the composer.
        answer: What became of it when it was sent, where it was.
    """
    form = FORMS[composed.decision]
    rejection = None if answer is None else answer.rejection
    shown = {
        field.name: _shown(world, composed, field, rejection)
        for field in (() if composed.as_json else form.fields)
    }
    optional = [shown[field.name] for field in form.optional if field.name in shown]
    return {
        "agents": agents_of(caller, world),
        "composed": composed,
        "answer": answer,
        "forms": FORMS.values(),
        "form": form,
        "required": [shown[field.name] for field in form.required if field.name in shown],
        "optional": optional,
        "optional_open": any(one.value or one.fault for one in optional),
        "kept": _kept(composed, shown),
        "keeps_files": not any(one.field.kind is Kind.FILES for one in shown.values()),
        "files": composed.files or (("", ""),),
        "faulty": _faulty(rejection, shown),
        "examples": EXAMPLES,
        "limits": policy(world.slug),
    }


def _kept(composed: Composed, shown: Mapping[str, Shown]) -> list[tuple[str, str]]:
    """Give what was typed into the fields of other decisions, so that it is there again later."""
    return [(name, text) for name, text in composed.fields.items() if name not in shown]


def _shown(world: SeenWorld, composed: Composed, field: Field, rejection: Document | None) -> Shown:
    at_fault = rejection is not None and field.name in _fields_of(rejection)
    return Shown(
        field,
        composed.fields.get(field.name, ""),
        _fault(rejection, field) if rejection is not None and at_fault else "",
        rejection["hint"] if rejection is not None and at_fault else "",
        tuple(_suggestions(world, composed.decision, field.name)),
    )


def _fields_of(rejection: Document) -> set[str]:
    """Name the fields that a refusal is about: the one it names, and all that are missing."""
    missing = rejection["facts"].get("missing")
    named = missing if isinstance(missing, list) else []
    return {(rejection["field"] or "").partition(".")[0], *map(str, named)}


def _fault(rejection: Document, field: Field) -> str:
    if rejection["code"] == "missing_field":
        return f"{field.label} is required."
    return str(rejection["message"])


def _faulty(rejection: Document | None, shown: Mapping[str, Shown]) -> list[Field]:
    if rejection is None:
        return []
    return [one.field for one in shown.values() if one.fault]


def _suggestions(world: SeenWorld, decision: str, name: str) -> Iterable[Suggestion]:
    """Give values that this world would know, for the fields that name something of it."""
    match name:
        case "wasm_hash" if decision == DEPLOY:
            return ()
        case "to":
            places = locations_page(world, limit=_MOST_SUGGESTED).rows
            return (Suggestion(place["location_id"], "") for place in places)
        case "wasm_hash":
            artifacts = artifacts_page(world, limit=_MOST_SUGGESTED).rows
            return (
                Suggestion(row.wasm_hash, f"{row.module_id_hint or ''} of {', '.join(row.owners)}")
                for row in artifacts
            )
        case "module_id":
            modules = modules_page(world, limit=_MOST_SUGGESTED).rows
            return (Suggestion(row.module_id, f"of {row.installer_agent_id}") for row in modules)
        case _:
            return ()
