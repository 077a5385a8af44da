"""A world's page tells what is in the world, and its lists are cut by cursors."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lifecycle.models.worlds import Role
from tests.notebook.people import BROKEN_WAT, GOOD_WAT, browser_of, run_compiles, text_of
from tests.service import compile_source, decide, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db


def test_an_empty_world_says_so_in_each_panel() -> None:
    found_world()

    page = text_of(browser_of("eve", Role.VIEWER).get("/worlds/demo/"))

    for words in ("has decided anything", "being compiled", "No module", "No artifact"):
        assert words in page


def test_the_summary_gives_head_and_clock() -> None:
    found_world()
    decide("ada", "wait_ticks", ticks=41)

    page = browser_of("eve", Role.VIEWER).get("/worlds/demo/")

    head = page.context["head"]
    assert (head.seq, head.tick) == (5, 41)
    assert f'data-copy="{head.hash}"' in text_of(page)


def test_a_refused_compile_shows_the_place_in_the_source() -> None:
    found_world()
    compile_source("ada", "clock", "clock.wat", {"clock.wat": BROKEN_WAT})

    ended = run_compiles()

    page = browser_of("eve", Role.VIEWER).get("/worlds/demo/")
    [cell] = page.context["page"].cells
    [diagnostic] = cell.decision["diagnostics"][:1]
    assert ended == ["failed"]
    assert f"clock.wat:{diagnostic['line']}:{diagnostic['column']}" in text_of(page)


def test_modules_show_version_installer_state_and_flags() -> None:
    found_world()
    deploy("ada", wasm(1))
    deploy("ada", wasm(2))
    install("ada", wasm(1), "clock", module_version="1.0.0")
    install("ada", wasm(2), "clock", module_version="1.0.0", activate=False)

    page = browser_of("eve", Role.VIEWER).get("/worlds/demo/")

    [module] = page.context["modules"].rows
    assert module.wasm_hash == hash_of(wasm(2))
    assert module.flags == ("version_reused",)
    assert "inactive" in text_of(page)


def test_an_artifact_shows_all_of_its_owners_and_what_made_it() -> None:
    found_world()
    compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    run_compiles()

    page = browser_of("eve", Role.VIEWER).get("/worlds/demo/")
    [artifact] = page.context["artifacts"].rows

    assert (artifact.owners, artifact.toolchain) == (("ada",), "wat")


@pytest.mark.parametrize(("address", "size"), [("artifacts", 20), ("modules", 20), ("events", 50)])
def test_cursors_lead_through_a_list_once_and_without_gaps(address: str, size: int) -> None:
    found_world()
    for number in range(23):
        deploy("ada", wasm(number))
        install("ada", wasm(number), f"module-{number}")
    client = browser_of("eve", Role.VIEWER)

    seen: list[str] = []
    cursor: int | None = None
    while True:
        query = {} if cursor is None else {"before": cursor}
        listing = client.get(f"/worlds/demo/{address}/", query).context["listing"]
        assert len(listing.rows) <= size
        seen.extend(map(str, listing.rows))
        cursor = listing.older
        if cursor is None:
            break

    expected = {"artifacts": 23, "modules": 23, "events": 50}
    assert len(seen) == len(set(seen)) == expected[address]


@pytest.mark.parametrize("cursor", ["", "-1", "x", "\u0662", "1" * 30, "1.5"])
def test_a_cursor_that_is_none_is_not_found(cursor: str) -> None:
    found_world()

    answer = browser_of("eve", Role.VIEWER).get("/worlds/demo/events/", {"before": cursor})

    assert answer.status_code == 404


def test_the_page_costs_as_many_queries_in_a_longer_world() -> None:
    found_world()
    client = browser_of("eve", Role.VIEWER)
    costs = []
    for rounds in (20, 20):
        for _ in range(rounds):
            decide("ada", "wait")
        with CaptureQueriesContext(connection) as captured:
            client.get("/worlds/demo/")
        costs.append(len(captured))

    assert costs[0] == costs[1]


def test_the_panels_say_as_of_which_event_they_are() -> None:
    """A25: what is shown has its place in the journal."""
    found_world()
    decide("ada", "wait")

    page = text_of(browser_of("eve", Role.VIEWER).get("/worlds/demo/"))

    assert 'As of event <a href="/worlds/demo/events/?before=6#event-5">5</a>, tick 1.' in page


def test_agents_show_place_last_act_and_what_they_have() -> None:
    found_world()
    deploy("ada", wasm())
    install("ada", wasm(), "lamp")

    page = browser_of("eve", Role.VIEWER).get("/worlds/demo/")
    ada, bob = page.context["roster"].rows

    assert (ada.location_id, ada.artifacts, ada.modules) == ("hub", 1, 1)
    assert (bob.artifacts, bob.modules, bob.last_act) == (0, 0, None)
    assert ada.last_act.arguments["decision"] == "install_module_from_artifact"
    assert "none yet" in text_of(page)


def test_an_artifact_shows_what_it_is_installed_as_now() -> None:
    found_world()
    deploy("ada", wasm())
    for number in range(5):
        install("ada", wasm(), f"lamp-{number}")

    page = text_of(browser_of("eve", Role.VIEWER).get("/worlds/demo/"))

    assert "<td>lamp-0, lamp-1, lamp-2 and more</td>" in page
