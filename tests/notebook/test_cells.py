"""A cell tells who, what was asked, what happened, and what it hangs together with, both ways."""

import re
from typing import Any

import pytest
from django.test import Client

from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import Role
from lifecycle.usecases.queries import cells
from tests.notebook.people import BROKEN_WAT, GOOD_WAT, browser_of, run_compiles, send, text_of
from tests.service import compile_source, decide, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    found_world()
    return browser_of("eve", Role.OPERATOR)


def cells_of(client: Client, query: str = "") -> list[Any]:
    shown: list[Any] = client.get(f"/worlds/demo/{query}").context["page"].cells
    return shown


def seqs_of(client: Client, query: str = "") -> list[int | None]:
    return [cell.seq for cell in cells_of(client, query)]


def wait(count: int) -> list[str]:
    return [decide("ada", "wait").decision_id or "" for _ in range(count)]


def test_cells_run_in_the_order_of_the_record(client: Client) -> None:
    wait(3)

    page = text_of(client.get("/worlds/demo/"))

    assert seqs_of(client) == [5, 6, 7]
    assert re.findall(r">\[(\d+)\]</a>", page) == ["5", "6", "7"]


def test_the_last_cells_are_shown_and_links_lead_back_to_the_first(client: Client) -> None:
    wait(45)

    seen: list[int | None] = []
    address = "/worlds/demo/"
    while address:
        page = client.get(address)
        seen = [cell.seq for cell in page.context["page"].cells] + seen
        link = re.search(r'rel="next" href="([^"]+)"', text_of(page))
        address = link[1].replace("&amp;", "&") if link else ""

    assert seen == list(range(5, 50))


def test_earlier_cells_are_given_to_be_put_above_those_shown(client: Client) -> None:
    ids = wait(23)
    before = cells_of(client)[0].decision["id"]

    part = text_of(client.get("/worlds/demo/cells/", {"before": before}))

    assert re.findall(r'id="cell-([^"]+)"', part) == ids[:3]
    assert f'name="oldest" value="{ids[0]}"' in part
    assert "The record begins here." in part
    assert "<html" not in part


def test_a_compile_links_its_artifact_and_the_installs_of_it(client: Client) -> None:
    compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    run_compiles()
    [compiled] = cells_of(client)
    [published] = compiled.links.published
    install_it = {"decision": "install_module_from_artifact", "wasm_hash": published.wasm_hash}
    decide("ada", **install_it, module_id="clock", module_version="1.2.0")

    compiled, installed = cells_of(client)
    page = text_of(client.get("/worlds/demo/"))

    [published] = compiled.links.published
    assert [(one.module_id, one.at.seq) for one in published.installs] == [("clock", 7)]
    assert published.installs[0].at.decision_id == installed.decision["id"]
    assert f'data-cell="{installed.decision["id"]}">clock 1.2.0 [7]</a>' in page
    assert installed.links.used.wasm_hash == published.wasm_hash
    assert installed.links.used.at.decision_id == compiled.decision["id"]
    assert f'data-cell="{compiled.decision["id"]}">[6]</a>' in page


def test_an_install_links_where_its_own_installer_published(client: Client) -> None:
    deploy("ada", wasm())
    deploy("bob", wasm())
    install("bob", wasm(), "lamp")

    installed = cells_of(client)[-1]

    assert installed.links.used.at.seq == 6


def test_an_artifact_installed_often_shows_the_first_and_that_there_are_more(
    client: Client,
) -> None:
    deploy("ada", wasm())
    for number in range(7):
        install("ada", wasm(), f"lamp-{number}")

    [published] = cells_of(client)[0].links.published

    assert len(published.installs) == 5
    assert published.has_more


def test_a_refusal_marks_the_field_with_what_was_given(client: Client) -> None:
    decide("ada", "move_agent", to="nowhere")

    page = text_of(client.get("/worlds/demo/"))

    assert "field <code>to</code> given as <mark>nowhere</mark>" in page
    assert "Mend as new cell" in page


def test_every_cell_offers_to_be_repeated_to_who_may_act_and_to_nobody_else(
    client: Client,
) -> None:
    [first] = wait(1)

    assert f'href="/worlds/demo/?from={first}#new"' in text_of(client.get("/worlds/demo/"))
    assert "?from=" not in text_of(browser_of("ann", Role.AUDITOR).get("/worlds/demo/"))


def test_a_diagnostic_leads_to_its_line_on_the_decisions_page(client: Client) -> None:
    sent = compile_source("ada", "clock", "clock.wat", {"clock.wat": BROKEN_WAT})
    run_compiles()

    page = text_of(client.get("/worlds/demo/"))

    assert f'href="/worlds/demo/decisions/{sent.decision_id}/#clock.wat:1"' in page


def test_what_was_asked_is_given_whole_on_demand(client: Client) -> None:
    sent = compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})

    part = text_of(client.get(f"/worlds/demo/decisions/{sent.decision_id}/asked/"))

    assert "(func (export &quot;tick&quot;)" in part
    assert "&quot;manifest_path&quot;: &quot;clock.wat&quot;" in part


def test_a_cell_without_an_event_says_that_it_is_not_in_the_journal(client: Client) -> None:
    send(client, "{")
    deploy("ada", wasm())
    deploy("ada", wasm())

    malformed, _, unchanged = cells_of(client)
    page = text_of(client.get("/worlds/demo/"))

    assert (malformed.seq, unchanged.seq) == (None, None)
    assert "never reaches the journal" in page
    assert "nothing was recorded in the journal" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?agent=bob", [6, 7]),
        ("?status=rejected", [7]),
        ("?kind=wait", [5, 6]),
        ("?agent=ada&kind=wait", [5]),
        ("?agent=bob&status=rejected&kind=move_agent", [7]),
        ("?agent=ada&status=rejected", []),
        ("?agent=nobody", []),
        ("?agent=&status=&kind=", [5, 6, 7]),
    ],
)
def test_conditions_choose_cells(client: Client, query: str, expected: list[int]) -> None:
    decide("ada", "wait")
    decide("bob", "wait")
    decide("bob", "move_agent", to="nowhere")

    assert seqs_of(client, query) == expected


@pytest.mark.parametrize(
    "query",
    ["?status=fine", "?kind=dance", "?agent=%00", "?agent=a/b", "?before=%00", "?before=nothing"],
)
def test_a_condition_that_is_none_is_not_found(client: Client, query: str) -> None:
    assert client.get(f"/worlds/demo/{query}").status_code == 404


def test_two_conditions_look_through_a_bounded_part_at_a_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "WINDOW", 10)
    decide("ada", "move_agent", to="nowhere")
    wait(15)
    query = "?agent=ada&status=rejected"

    page = client.get(f"/worlds/demo/{query}")
    shown = page.context["page"]
    further = seqs_of(client, f"{query}&before={shown.earlier}")

    assert (shown.cells, shown.looked_through) == ([], 10)
    assert "Look further back" in text_of(page)
    assert further == [5]


@pytest.mark.parametrize("spelling", ["6", "[6]", "#6", " 6 "])
def test_a_number_leads_to_the_cell_of_its_event(client: Client, spelling: str) -> None:
    ids = wait(30)

    found = client.get("/worlds/demo/find/", {"q": spelling}, follow=True)

    address = found.redirect_chain[-1][0]
    assert address == f"/worlds/demo/?before={ids[11]}#cell-{ids[1]}"
    assert f'id="cell-{ids[1]}"' in text_of(found)


def test_an_outcome_leads_to_the_cell_that_asked_for_it(client: Client) -> None:
    sent = compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    run_compiles()

    found = client.get("/worlds/demo/find/", {"q": "6"})

    assert found.headers["Location"] == f"/worlds/demo/#cell-{sent.decision_id}"


def test_an_event_that_no_decision_made_is_found_in_the_journal(client: Client) -> None:
    found = client.get("/worlds/demo/find/", {"q": "1"}, follow=True)

    assert found.redirect_chain[-1][0] == "/worlds/demo/events/?before=2#event-1"
    assert 'id="event-1"' in text_of(found)


@pytest.mark.parametrize("text", ["99", "0", "zz", "9" * 40, "\u0662", "<script>alert(1)</script>"])
def test_what_names_nothing_is_told_with_what_is_accepted(client: Client, text: str) -> None:
    answer = client.get("/worlds/demo/find/", {"q": text})

    assert answer.status_code == 404
    assert "An event&#x27;s number" in text_of(answer) or "An event's number" in text_of(answer)
    assert "<script>" not in text_of(answer)


def test_a_cell_of_another_world_is_not_found_from_here(client: Client) -> None:
    found_world("theirs")
    theirs = decide("ada", "wait", world="theirs").decision_id or ""

    assert client.get("/worlds/demo/find/", {"q": theirs}).status_code == 404
    assert client.get("/worlds/demo/", {"before": theirs}).status_code == 404
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("spelling", ["{}", "0x{}", "sha256:{}"])
def test_an_unknown_hash_is_told_as_one_and_a_foreign_one_alike(
    client: Client, spelling: str
) -> None:
    found_world("theirs")
    deploy("ada", wasm(7), world="theirs")

    answers = [
        client.get("/worlds/demo/find/", {"q": spelling.format(digest)})
        for digest in ("0" * 64, hash_of(wasm(7)))
    ]

    for answer in answers:
        assert answer.status_code == 404
        assert "have a hash that is or begins with" in text_of(answer)
        assert "An event's number" in text_of(answer)
    assert "have a hash" not in text_of(client.get("/worlds/demo/find/", {"q": "0" * 65}))


def test_a_hash_leads_to_its_artifact_or_to_what_was_made_of_its_sources(client: Client) -> None:
    compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    run_compiles()
    job = CompileJob.objects.get()

    artifact = client.get("/worlds/demo/find/", {"q": f"0X{(job.wasm_hash or '').upper()}"})
    sources = client.get("/worlds/demo/find/", {"q": job.source_digest}, follow=True)

    assert artifact.headers["Location"] == f"/worlds/demo/artifacts/{job.wasm_hash}/"
    assert "/lineage/?around=source" in sources.redirect_chain[-1][0]
    assert sources.status_code == 200


def test_a_decisions_page_leads_to_its_lineage_where_it_has_one(client: Client) -> None:
    sent = compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    deployed = deploy("ada", wasm())
    waited = decide("ada", "wait")
    refused = decide("ada", "move_agent", to="nowhere")

    for outcome, leads in ((sent, True), (deployed, True), (waited, False), (refused, False)):
        page = text_of(client.get(f"/worlds/demo/decisions/{outcome.decision_id}/"))
        found = re.search(r'href="(/worlds/demo/lineage/\?around=[^"]+)"', page)
        assert (found is not None) is leads, outcome.summary
        if found is not None:
            assert client.get(found[1].replace("&amp;", "&")).status_code == 200
