"""No page shows a character that is not seen: whatever is written, signs stand in their place."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from lifecycle.access.callers import get_any_world
from lifecycle.core.ids import AgentId
from lifecycle.models.decisions import Decision
from lifecycle.models.projections import Artifact, InstalledModule
from lifecycle.models.runs import AgentRun, AgentTurn
from lifecycle.models.worlds import World
from lifecycle.notebook.composing import Composed
from lifecycle.notebook.drafts import dumped
from lifecycle.notebook.signs import with_signs
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.parser import parse_decision
from lifecycle.protocol.signs import UNSEEN, first_unseen, signed
from lifecycle.usecases.drafts import Desk, start_draft
from lifecycle.usecases.submit import Submission, keep_malformed
from tests.notebook.people import run_compiles, text_of
from tests.service import compile_source, decide
from tests.walk.addresses import Kind, filled, kind_of, routes
from tests.walk.people import Place, prepare

pytestmark = pytest.mark.django_db
# Turned around from here on, of no width, and a control: each as an agent may write it.
HIDDEN = "a\u202eb\u200bc\x07d\u2066e"
SIGNS = "a⟨U+202E⟩b⟨U+200B⟩c⟨U+0007⟩d⟨U+2066⟩e"


class Seen(HTMLParser):
    """Collects what a reader of a page sees or hears, and what stands in its form controls."""

    def __init__(self, markup: str) -> None:
        """Read all of it."""
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self.values: list[str] = []
        self._within = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect titles and labels."""
        self._within = tag
        for name, value in attrs:
            if name in {"title", "aria-label", "alt", "placeholder"}:
                self.seen.append(value or "")
            elif name == "value":
                self.values.append(value or "")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's
        """Leave it."""
        self._within = ""

    def handle_data(self, data: str) -> None:
        """Collect a text."""
        kept = self._within in {"textarea", "script", "style"}
        (self.values if kept else self.seen).append(data)


def written() -> Place:
    """Found a world with such a text in every field that takes one."""
    place = prepare()
    wat = f'(module (import "{HIDDEN}" "{HIDDEN}" (func)) (func (export "{HIDDEN}")) ;; {HIDDEN}\n)'
    compile_source("bob", "gong", "gong.wat", {"gong.wat": wat, f"{HIDDEN}.txt": HIDDEN})
    compile_source("bob", "gong", "gong.c", {"gong.c": f"#error {HIDDEN}\n"})
    run_compiles()
    decide("ada", "move_agent", to="hub", message_to_user=HIDDEN)
    compile_source("bob", "gong", f"{HIDDEN}.wat", {f"{HIDDEN}.wat": "(module)"})
    raw = json.dumps({"decision": "wait", HIDDEN: HIDDEN}, ensure_ascii=False).encode()
    malformed = parse_decision(raw)
    assert isinstance(malformed, Malformed)
    keep_malformed(Submission("demo", AgentId("ada"), "root", "api"), malformed, raw)
    step = {"kind": "answer", "tools": [HIDDEN], "latency_ms": 1, "answer": HIDDEN, "fault": None}
    AgentTurn.objects.update(steps=json.dumps([step]), cut=json.dumps([HIDDEN]))
    AgentRun.objects.update(goal=HIDDEN, model=HIDDEN)
    # As an import of an old journal may bring it.
    InstalledModule.objects.update(module_version=HIDDEN)
    World.objects.update(name=HIDDEN)
    return place


def pages_of(place: Place, client: Client) -> dict[str, str]:
    """Fetch every page there is, of each decision and artifact too."""
    places = [place.values]
    places += [
        {**place.values, "str:decision_id": pk}
        for pk in Decision.objects.values_list("decision_id", flat=True)
    ]
    places += [
        {**place.values, "str:wasm_hash": wasm_hash}
        for wasm_hash in Artifact.objects.values_list("wasm_hash", flat=True)
    ]
    kinds = {Kind.PAGE, Kind.OWN, Kind.OPEN, Kind.AUDIT}
    addresses = {
        filled(route, values) for route in routes() if kind_of(route) in kinds for values in places
    } - {"/logout/", "/admin/logout/"}
    addresses |= {f"/worlds/demo/?from={values['str:decision_id']}" for values in places}
    pages = {}
    for address in sorted(addresses):
        answer = client.get(address)
        if not answer.streaming and "text/html" in answer.headers.get("Content-Type", ""):
            pages[address] = text_of(answer)
    return pages


def test_no_page_shows_an_unseen_character_and_forms_keep_each() -> None:
    place = written()
    root = User.objects.get(username="root")
    world = get_any_world("demo")
    composed = Composed(agent_id="ada", decision="wait", as_json=True, text=HIDDEN)
    start_draft(Desk(world, root), HIDDEN, dumped(composed))
    client = Client(raise_request_exception=True)
    client.force_login(root)

    pages = pages_of(place, client)

    wrong = {
        address: [text for text in Seen(markup).seen if UNSEEN.search(text)]
        for address, markup in pages.items()
    }
    assert {address: texts for address, texts in wrong.items() if texts} == {}
    assert sum(SIGNS in markup for markup in pages.values()) > 15
    asked = Decision.objects.get(kind="move_agent")
    again = Seen(pages[f"/worlds/demo/?from={asked.decision_id}"])
    assert any(HIDDEN in value for value in again.values)


def test_what_an_api_answers_stays_exact() -> None:
    written()
    client = Client()
    client.force_login(User.objects.get(username="root"))

    told = client.get("/api/v1/worlds/demo/decisions/").json()["decisions"]

    assert HIDDEN in [one["decision"].get("message_to_user") for one in told]


def test_values_and_scripts_stay_as_they_are() -> None:
    title = f'<p title="{HIDDEN}" data-path="{HIDDEN}" id=\'{HIDDEN}\'>1 < 2 {HIDDEN}</p>'
    kept = (
        f'<input value="{HIDDEN}"><textarea class="a>b">\n{HIDDEN}</textarea>'
        f"<script>{HIDDEN} < 1</script><style>{HIDDEN}</style>"
    )

    shown = with_signs(title + kept + HIDDEN)

    assert shown == (
        f'<p title="{SIGNS}" data-path="{HIDDEN}" id=\'{HIDDEN}\'>1 < 2 {SIGNS}</p>{kept}{SIGNS}'
    )


@pytest.mark.parametrize("text", ["", "naïve ☃ 日本 🦀 ❤\ufe0f\ttab\r\n", "עברית العربية"])
def test_what_is_seen_has_no_sign(text: str) -> None:
    assert signed(text) == text
    assert first_unseen(text) is None
    assert with_signs(text) is text


def test_the_scripts_of_pages_have_the_same_list() -> None:
    [folder] = settings.STATICFILES_DIRS
    text = Path(folder, "notebook/signs.js").read_text()
    found = re.search(r"/\[(.*)\]/gu", text)
    assert found is not None
    theirs = re.sub(r"\\u\{(\w+)\}", lambda code: f"\\U{code[1]:0>8}", found[1])

    assert f"[{theirs}]" == UNSEEN.pattern
