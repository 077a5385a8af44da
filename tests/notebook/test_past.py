"""The history page: a world as of any event, read-only, by an address that can be passed on."""

import pytest
from django.test import Client

from lifecycle.journal import recent
from lifecycle.journal.store import get_head
from lifecycle.models.journal import JournalEvent, StateSnapshot
from lifecycle.models.worlds import Role
from tests.journal.tampering import set_event
from tests.notebook.people import browser_of, text_of
from tests.notebook.test_hostile_text import SCRIPT, assert_harmless
from tests.service import compile_source, deploy, found_world, hash_of, wasm
from tests.usecases.histories import varied_world

pytestmark = pytest.mark.django_db

ADDRESS = "/worlds/demo/at/"


@pytest.fixture
def viewer() -> Client:
    varied_world()
    return browser_of("eve", Role.VIEWER)


def test_the_page_shows_the_world_as_of_the_event_and_says_so(viewer: Client) -> None:
    page = viewer.get(f"{ADDRESS}?seq=12")

    assert page.context["past"].seq == 12
    assert "<strong>As of event 12 of 17</strong>, tick 8; read-only." in text_of(page)
    assert page.context["past"].digest[:12] in text_of(page)
    assert "ModuleInstalled" in text_of(page)


def test_without_a_place_it_is_the_newest_event(viewer: Client) -> None:
    assert viewer.get(ADDRESS).context["past"].seq == get_head("demo").seq


def test_the_first_and_the_newest_event_lead_no_further(viewer: Client) -> None:
    first, newest = (text_of(viewer.get(f"{ADDRESS}?seq={seq}")) for seq in (1, 17))

    assert "step-before" not in first
    assert "step-after" in first
    assert "step-after" not in newest
    assert "step-before" in newest


@pytest.mark.parametrize("text", ["0", "18", "-3", "abc", "1.5", "9" * 300, SCRIPT])
def test_a_place_that_is_none_is_refused_with_what_is_one(viewer: Client, text: str) -> None:
    answer = viewer.get(ADDRESS, {"seq": text})

    assert answer.status_code == 400
    assert "is a whole number from 1 to 17" in text_of(answer)
    assert "<script>" not in text_of(answer)
    assert 'aria-invalid="true"' in text_of(answer)


def test_htmx_is_given_the_part_that_changes_alone(viewer: Client) -> None:
    part = viewer.get(f"{ADDRESS}?seq=12", headers={"HX-Request": "true"})
    restored = viewer.get(
        f"{ADDRESS}?seq=12",
        headers={"HX-Request": "true", "HX-History-Restore-Request": "true"},
    )

    assert "<html" not in text_of(part)
    assert "<title>As of event 12" in text_of(part)
    assert "<html" in text_of(restored)
    assert "HX-Request" in part.headers["Vary"]


def test_e09_a_broken_journal_is_named_with_the_last_good_place(viewer: Client) -> None:
    recent.forget_recent()
    StateSnapshot.objects.all().delete()
    event = JournalEvent.objects.get(seq=7)
    set_event(event.pk, "body", event.body.replace('"tick":', '"tack":'))

    answer = viewer.get(f"{ADDRESS}?seq=12")

    assert answer.status_code == 409
    assert "The journal is broken at event 7" in text_of(answer)
    assert 'href="?seq=6"' in text_of(answer)
    assert viewer.get(f"{ADDRESS}?seq=6").status_code == 200


def test_it_takes_no_post(viewer: Client) -> None:
    assert viewer.post(ADDRESS).status_code == 405


def test_a21_what_agents_wrote_is_text_in_the_past_too() -> None:
    found_world()
    deploy("ada", wasm())
    compile_source("ada", "clock", f"{SCRIPT}.wat", {f"{SCRIPT}.wat": "(module)"})
    client = browser_of("eve", Role.VIEWER)

    pages = "".join(
        text_of(client.get(f"{ADDRESS}?seq={seq}")) for seq in range(1, get_head("demo").seq + 1)
    )

    assert hash_of(wasm())[:12] in pages
    assert_harmless(pages + text_of(client.get(ADDRESS, {"seq": SCRIPT})))


def test_an_event_in_a_list_leads_to_the_world_as_of_it(viewer: Client) -> None:
    assert 'href="/worlds/demo/at/?seq=12"' in text_of(viewer.get("/worlds/demo/events/"))
