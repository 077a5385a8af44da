"""What stands in the composer, as a form or as JSON: read from a request, turned into the other.

Nothing is judged here: what is no decision stays as it was typed, and the parser says why.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from lifecycle.codec.canonical import digest_of
from lifecycle.notebook.fields import DECISION, FORMS, Field, Kind, text_of
from lifecycle.protocol.names import COMPILE, DECISION_ALIASES
from lifecycle.protocol.parser import Parsed, parse_decision

Files = tuple[tuple[str, str], ...]

FIRST_FORM: Final = COMPILE
_AGENT: Final = "agent_id"
_FIELD: Final = "field."
# The largest integer has 16 digits; what is longer stays text, and the parser names the range.
_MOST_DIGITS: Final = 17
_PAIR: Final = ("path", "content")
_SCALARS: Final = (str, int, bool, type(None))


class Composed(NamedTuple):
    """What was typed.

    Attributes:
        agent_id: The agent chosen.
        as_json: Whether `text` is what counts, and not the form.
        decision: The decision whose form is shown.
        fields: What stands in the form's fields by their names, those of other decisions too.
        files: Paths and texts of the source files, in the order of their tabs.
        text: The JSON.
    """

    agent_id: str = ""
    as_json: bool = False
    decision: str = FIRST_FORM
    fields: Mapping[str, str] = {}
    files: Files = ()
    text: str = ""

    @property
    def is_blank(self) -> bool:
        """Say whether nothing was typed."""
        return not (any(self.fields.values()) or any(map(any, self.files)) or self.text.strip())

    @property
    def body(self) -> str:
        """Give the JSON that is submitted."""
        return self.text if self.as_json else json_text(arguments_of(self))


def json_text(value: object) -> str:
    """Give JSON as a person writes it."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def arguments_of(composed: Composed) -> dict[str, Any]:
    """Give what the form holds as the arguments of its decision."""
    arguments: dict[str, Any] = {DECISION: composed.decision}
    for field in FORMS[composed.decision].fields:
        if field.kind is Kind.FILES:
            value = _package(composed.files)
        else:
            value = _value(field, composed.fields.get(field.name, ""))
        if value is not None:
            arguments[field.name] = value
    return arguments


def _package(files: Files) -> object:
    written = [(path, text) for path, text in files if path or text]
    if not written:
        return None
    if len({path for path, _ in written}) == len(written):
        return dict(written)
    # An object would keep only one of two files with one path; the parser refuses such a list.
    return [{"path": path, "content": text} for path, text in written]


def _value(field: Field, text: str) -> object:
    bare = text.strip()
    if not bare:
        return None
    if field.kind is Kind.BOOLEAN and bare in {"true", "false"}:
        return bare == "true"
    if field.kind is Kind.INTEGER and bare.isascii() and bare.isdigit():
        return int(bare) if len(bare) < _MOST_DIGITS else text
    return text


def composed_of(arguments: Mapping[str, Any], before: Composed) -> Composed | None:
    """Give a form that holds these arguments; `None` where the form has no place for some.

    Args:
        arguments: A decision's, not necessarily well-formed.
        before: What is kept where the arguments do not speak of it.
    """
    name = arguments.get(DECISION)
    decision = DECISION_ALIASES.get(name.strip()) if isinstance(name, str) else None
    if decision is None:
        return None
    kinds = {field.name: field.kind for field in FORMS[decision].fields}
    fields, files, agent_id = {}, before.files, before.agent_id
    for key, value in arguments.items():
        if key == _AGENT and isinstance(value, str):
            agent_id = value
        elif kinds.get(key) is Kind.FILES and (found := _files_of(value)) is not None:
            files = found
        elif key in kinds and kinds[key] is not Kind.FILES and isinstance(value, _SCALARS):
            fields[key] = text_of(value)
        elif key != DECISION:
            return None
    return before._replace(
        as_json=False, agent_id=agent_id, decision=decision, fields=fields, files=files, text=""
    )


def _files_of(value: object) -> Files | None:
    """Read a package's files, which are an object or a list; `None` where they are neither."""
    match value:
        case dict():
            pairs = list(value.items())
        case list() if all(isinstance(one, dict) and len(one) == len(_PAIR) for one in value):
            pairs = [tuple(one.get(key) for key in _PAIR) for one in value]
        case _:
            return None
    texts = all(isinstance(part, str) for pair in pairs for part in pair)
    return tuple(pairs) if texts else None


def shown_as(composed: Composed, view: str) -> Composed:
    """Give the same in another view: the JSON, the form, with one file more, or another form.

    What cannot be shown as a form stays JSON.
    """
    if view == "add-file":
        return composed._replace(files=(*composed.files, ("", "")))
    if view == "json":
        if composed.as_json:
            return composed
        return composed._replace(as_json=True, text=json_text(arguments_of(composed)))
    if composed.as_json:
        composed = _as_form(composed)
    return composed._replace(decision=view) if view in FORMS else composed


def _as_form(composed: Composed) -> Composed:
    if not composed.text.strip():
        return composed._replace(as_json=False)
    parsed = parse_decision(composed.text.encode(), takes_agent_id=True)
    if isinstance(parsed, Parsed):
        arguments: object = {**parsed.arguments, DECISION: parsed.decision.decision}
        composed = composed._replace(agent_id=parsed.agent_id or composed.agent_id)
    else:
        # What is not yet a decision may still be the better part of a form.
        arguments = _read(composed.text)
    if not isinstance(arguments, dict):
        return composed
    return composed_of(arguments, composed) or composed


def _read(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse what a form would show only half of: the same name twice, a lone surrogate."""
    for name, value in pairs:
        for text in (name, value):
            if isinstance(text, str):
                text.encode()
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands there twice")
    return made


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def read_composed(request: HttpRequest) -> Composed:
    """Read what a form sends, with or without scripts."""
    sent = request.POST
    fields = {
        name.removeprefix(_FIELD): _lines(str(text))
        for name, text in sent.items()
        if name.startswith(_FIELD)
    }
    upload = request.FILES.get("wasm_file")
    if isinstance(upload, UploadedFile):
        fields |= _bytes_of(upload, fields)
    decision = sent.get("form", "")
    return Composed(
        agent_id=sent.get(_AGENT, ""),
        as_json=sent.get("mode") != "form",
        decision=decision if decision in FORMS else FIRST_FORM,
        fields={name: text for name, text in fields.items() if text},
        files=_files_in(request),
        text=_lines(sent.get(DECISION, "")),
    )


def _bytes_of(upload: "UploadedFile[bytes]", fields: Mapping[str, str]) -> dict[str, str]:
    """Give an uploaded module as its fields; its hash is computed where none was written."""
    content = upload.read()
    written = fields.get("wasm_hash", "").strip()
    return {"wasm_bytes_hex": content.hex(), "wasm_hash": written or digest_of(content)}


def _files_in(request: HttpRequest) -> Files:
    editor = request.POST.get("source_files")
    if editor:
        # The editor's own form keeps the line ends that a form's text areas would lose.
        try:
            pairs = json.loads(editor)
            return tuple((_whole(str(path)), _whole(str(text))) for path, text in pairs)
        except (TypeError, ValueError, RecursionError):
            return ()
    paths, texts = request.POST.getlist("path"), request.POST.getlist("text")
    return tuple((path, _lines(text)) for path, text in zip(paths, texts, strict=False))


def _whole(text: str) -> str:
    # Half of a character is none, and could be neither shown nor sent.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _lines(text: str) -> str:
    # Browsers send every line end of a text area as CR LF.
    return text.replace("\r\n", "\n")
