"""From what a person writes, a hash, a decision, an event, a module, to a node of the lineage."""

from typing import Final

from django.db.models import Q

from lifecycle.access.callers import SeenWorld
from lifecycle.core.ids import HashFormatError, beginning_of_hash, is_id, normalise_hash
from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob
from lifecycle.models.projections import Artifact, InstalledModule
from lifecycle.usecases.queries.lineage import KINDS, Key, key_of_event

_MOST_DIGITS: Final = 18


def find_key(world: SeenWorld, text: str) -> Key | None:
    """Give the node that a text names; `None` where it names nothing in this world.

    A text may say what it names (``module:clock``, ``event:12``, ``decision:…``, or a kind of
    node); without that it is tried as a hash, a decision's id, a module's id and a place.
    """
    kind, colon, name = text.strip().partition(":")
    if colon and kind in {*KINDS, "event", "decision"}:
        return _find(world, kind, name)
    tried = (_find(world, kind, text.strip()) for kind in _TRIED)
    return next((key for key in tried if key is not None), None)


def keys_beginning(world: SeenWorld, text: str, *, limit: int) -> list[Key]:
    """Give the artifacts and sources whose hash begins as a text does, at most `limit` of each."""
    beginning = beginning_of_hash(text)
    if beginning is None:
        return []
    artifacts = Artifact.objects.filter(_begins("wasm_hash", beginning), world_id=world.pk)
    sources = CompileJob.objects.filter(_begins("source_digest", beginning), world_id=world.pk)
    hashes = artifacts.order_by("wasm_hash").values_list("wasm_hash", flat=True)
    digests = sources.order_by("source_digest").values_list("source_digest", flat=True).distinct()
    return [
        *(Key("artifact", digest) for digest in hashes[:limit]),
        *(Key("source", digest) for digest in digests[:limit]),
    ]


def artifacts_hinting(world: SeenWorld, module_id: str, *, limit: int) -> list[Key]:
    """Give the newest artifacts that were published for a module's id, installed or not."""
    if not is_id(module_id):
        return []
    rows = Artifact.objects.filter(world_id=world.pk, module_id_hint=module_id)
    hashes = rows.order_by("-deployed_seq").values_list("wasm_hash", flat=True)
    return [Key("artifact", digest) for digest in hashes[:limit]]


def _begins(column: str, beginning: str) -> Q:
    """Ask for a range, which an index serves; "g" sorts after every hexadecimal digit."""
    return Q(**{f"{column}__gte": beginning, f"{column}__lt": f"{beginning}g"})


_TRIED: Final = ("artifact", "source", "decision", "module", "event")


def _find(world: SeenWorld, kind: str, name: str) -> Key | None:
    match kind:
        case "artifact" | "source":
            return _find_hash(world, kind, name)
        case "decision":
            return _find_decision(world, name)
        case "module":
            return _find_module(world, name)
        case _:
            return _find_event(world, kind, name)


def _find_hash(world: SeenWorld, kind: str, name: str) -> Key | None:
    try:
        digest = normalise_hash(name)
    except HashFormatError:
        return None
    if kind == "artifact":
        known = Artifact.objects.filter(world_id=world.pk, wasm_hash=digest).exists()
    else:
        known = CompileJob.objects.filter(world_id=world.pk, source_digest=digest).exists()
    return Key(kind, digest) if known else None


def _find_decision(world: SeenWorld, name: str) -> Key | None:
    if not is_id(name):
        return None
    rows = Decision.objects.filter(world_id=world.pk, decision_id=name)
    seq = rows.values_list("first_seq", flat=True).first()
    return None if seq is None else key_of_event(world, seq)


def _find_module(world: SeenWorld, name: str) -> Key | None:
    if not is_id(name):
        return None
    known = InstalledModule.objects.filter(world_id=world.pk, module_id=name).exists()
    return Key("module", name) if known else None


def _find_event(world: SeenWorld, kind: str, name: str) -> Key | None:
    if not (name.isascii() and name.isdigit() and len(name) <= _MOST_DIGITS):
        return None
    key = key_of_event(world, int(name))
    # An upload stands among the compiles, at the place of its publication.
    if kind == "compile" and key is not None and key.kind == "artifact":
        return Key("compile", str(int(name)))
    return key
