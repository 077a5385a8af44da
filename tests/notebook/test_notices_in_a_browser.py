"""What the composer says is true, and stays only while it is; a new cell loses no other one."""

import io
import zipfile

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from lifecycle.models.decisions import Decision
from lifecycle.models.drafts import Draft
from lifecycle.models.worlds import Role, World
from lifecycle.notebook.composing import Composed
from lifecycle.notebook.drafts import loaded
from lifecycle.usecases.clock import utc_now
from tests.notebook.chromium import Watched, bring_session, open_as
from tests.notebook.people import browser_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]


@pytest.fixture
def watched(browser: Browser, session: str, world: str) -> Watched:
    """Open the composer, with the form of a compile."""
    opened = open_as(browser, session, world)
    expect(opened.page.locator(".cm-content")).to_be_visible()
    return opened


def zipped(*paths: str) -> FilePayload:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in paths:
            archive.writestr(path, "(module)")
    return {"name": "evil.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}


def drafts() -> list[Composed]:
    return [loaded(draft.content) for draft in Draft.objects.order_by("id")]


@pytest.mark.parametrize(
    "paths", [["../../evil.c"], ["good.c", "/etc/evil.c"], ["a/good.c", "a/../evil.c"], ["a:b.c"]]
)
def test_paths_that_would_be_refused_are_named_before_anything_is_sent(
    watched: Watched, paths: list[str]
) -> None:
    watched.page.locator("#choose-files").set_input_files(zipped(*paths))

    said = watched.page.locator(".said-of-files")
    expect(said).to_contain_text("Nothing was added. This path would be refused")
    expect(said).to_contain_text(paths[-1].removeprefix("a/"))
    expect(said).not_to_contain_text("good.c")
    assert watched.wrong == []


def test_an_unseen_character_in_a_tab_or_a_text_is_a_sign_and_stays_in_the_draft(
    watched: Watched,
) -> None:
    page = watched.page
    page.locator("#path-of-file").fill("a\u202eb.wat")
    page.locator(".cm-content").click()
    page.keyboard.insert_text(";; \u2066x\u200by")

    expect(page.get_by_role("tab", name="a⟨U+202E⟩b.wat")).to_be_visible()
    expect(page.locator(".cm-content")).to_contain_text("⟨U+2066⟩x⟨U+200B⟩y")
    expect(page.locator("#draft-said")).to_have_text("Saved")
    assert drafts()[0].files == (("a\u202eb.wat", ";; \u2066x\u200by"),)


@pytest.mark.parametrize("draft", [False, True])
def test_a_new_cell_loses_nothing_that_was_not_saved_yet(
    watched: Watched, world: str, *, draft: bool
) -> None:
    page = watched.page
    if draft:
        page.locator("#field-module_id").fill("clo")
        expect(page.locator("#draft-said")).to_have_text("Saved")
    page.locator("#field-module_id").fill("clock")
    page.goto(f"{world}?new=1#new")

    expect(page.locator("#field-module_id")).to_have_value("clock")
    assert [one.fields["module_id"] for one in drafts()] == ["clock"]


@pytest.mark.parametrize("scripts", [True, False])
def test_starting_another_saves_what_stands_there(
    browser: Browser, world: str, *, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    session = browser_of("eve", Role.OPERATOR).cookies["sessionid"].value
    bring_session(page, session, world)
    page.goto(f"{world}?decision=move_agent#new")
    page.locator("#field-to").fill("hub")
    if scripts:
        expect(page.locator("#draft-said")).to_have_text("Saved")
    else:
        page.get_by_role("button", name="Save as a draft").click()
    page.goto(world)
    page.locator("#field-to").fill("harbour")

    page.get_by_role("button", name="Start another").click()

    expect(page.get_by_text("here is a new cell")).to_be_visible()
    expect(page.locator("#field-to")).to_have_value("")
    assert [draft.fields["to"] for draft in drafts()] == ["harbour"]
    context.close()


def test_that_nothing_was_sent_for_want_of_a_connection_is_said_while_there_is_none(
    watched: Watched, world: str
) -> None:
    page = watched.page
    page.goto(f"{world}?decision=move_agent#new")
    page.locator("#field-to").fill("hub")
    expect(page.locator("#draft-said")).to_have_text("Saved")
    page.context.set_offline(offline=True)
    page.locator("#send").click()
    unsent = page.locator("#unsent")
    expect(unsent).to_contain_text("no connection")

    page.context.set_offline(offline=False)

    expect(unsent).to_contain_text("can be reached again")
    expect(unsent).not_to_contain_text("no connection")
    page.locator("#field-to").fill("hub ")
    expect(unsent).to_be_hidden()
    page.locator("#send").click()
    expect(page.locator("#new #answer")).to_be_visible()
    assert Decision.objects.count() == 1


def test_an_open_composer_closes_when_a_check_finds_a_fault_and_keeps_its_text(
    watched: Watched,
) -> None:
    page = watched.page
    page.locator("#field-module_id").fill("clock")
    expect(page.locator("#draft-said")).to_have_text("Saved")
    World.objects.update(fault_seq=3, fault_code="hash_mismatch", fault_at=utc_now())

    expect(page.locator("#closed")).to_contain_text("takes nothing new")
    expect(page.locator("#broken")).to_be_visible()
    expect(page.locator("#send")).to_be_disabled()
    expect(page.locator("#try")).to_be_disabled()
    expect(page.locator("#pulse")).to_have_attribute("data-broken", "")
    expect(page.locator("#field-module_id")).to_have_value("clock")
    World.objects.update(fault_seq=None, fault_code="tables_differ")

    expect(page.locator("#closed")).to_contain_text("its tables differ from its history")
    expect(page.locator("#pulse")).to_have_attribute("data-broken", "tables")
    expect(page.locator("#send")).to_be_disabled()
    World.objects.update(fault_seq=None, fault_code=None, fault_at=None)

    expect(page.locator("#closed")).to_be_hidden()
    expect(page.locator("#broken")).to_be_hidden()
    expect(page.locator("#send")).to_be_enabled()
    expect(page.locator("#pulse")).not_to_have_attribute("data-broken", "")
    expect(page.locator("#field-module_id")).to_have_value("clock")
    assert watched.wrong == []
