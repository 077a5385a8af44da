"""The composer in a real browser: the main job by the form, the editor, drafts lose nothing."""

import io
import json
import threading
import zipfile
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Browser, FilePayload, Page, expect

from lifecycle.models.decisions import Decision
from lifecycle.models.drafts import Draft
from lifecycle.models.jobs import CompileJob
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.queries.sources import find_package
from tests.notebook.chromium import bring_session, open_as
from tests.notebook.people import GOOD_WAT
from tests.service import hash_of, wasm

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]

SCRIPT = "<img src=x onerror=alert(1)>"


def tabs_of(page: Page) -> list[str]:
    return page.get_by_role("tablist", name="Source files").get_by_role("tab").all_inner_texts()


def in_a_worker(job_pk: int) -> None:
    """Run a job as a worker does: elsewhere, on a connection of its own."""

    def work() -> None:
        try:
            run_job(job_pk)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()


def zipped(files: dict[str, bytes]) -> FilePayload:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return {"name": "clock.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}


def test_the_keyboard_alone_writes_compiles_and_installs(
    browser: Browser, world: str, session: str
) -> None:
    watched = open_as(browser, session, world)
    page, keyboard = watched.page, watched.page.keyboard
    expect(page.locator(".cm-content")).to_be_visible()
    page.locator("#choice-compile_module_artifact_from_source").focus()
    for text in ("ada", "clock", "clock.wat"):
        keyboard.press("Tab")
        keyboard.type(text)
    page.locator("#path-of-file").focus()
    keyboard.type("clock.wat")
    keyboard.press("Tab")
    keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("cm-content")
    keyboard.insert_text(GOOD_WAT)
    keyboard.press("Shift+Enter")
    expect(page.get_by_text("Sent to the compilers")).to_be_visible()
    in_a_worker(CompileJob.objects.get().pk)

    page.goto(f"{world}?example=install#new")
    page.locator("#field-module_id").focus()
    keyboard.press("Shift+Enter")

    expect(page.locator("#new #answer")).to_contain_text("install clock")
    assert [row.status for row in Decision.objects.order_by("id")] == ["applied", "applied"]
    assert watched.wrong == []


def test_escape_and_tab_leave_the_editor_and_the_tabs_answer_to_keys(
    browser: Browser, world: str, session: str
) -> None:
    watched = open_as(browser, session, f"{world}?example=rust")
    page, keyboard = watched.page, watched.page.keyboard
    page.locator(".cm-content").focus()
    keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("cm-content")
    keyboard.press("Escape")
    keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.className").startswith("cm-content")

    page.get_by_role("tab", name="Cargo.toml").focus()
    keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="src/lib.rs")).to_be_focused()
    expect(page.locator(".cm-content")).to_contain_text("extern")
    keyboard.press("F2")
    keyboard.type("src/other.rs")
    assert tabs_of(page) == ["Cargo.toml", "src/other.rs"]
    page.get_by_role("tab", name="src/other.rs").focus()
    keyboard.press("Delete")

    assert tabs_of(page) == ["Cargo.toml"]
    assert watched.wrong == []


def test_a_refusal_is_focused_stands_at_its_field_and_is_mended(
    browser: Browser, world: str, session: str
) -> None:
    watched = open_as(browser, session, f"{world}?decision=move_agent#new")
    page = watched.page
    page.locator("#field-to").fill("nowhere")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_be_focused()
    expect(page.locator("#field-to")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#field-to")).to_have_value("nowhere")

    page.locator("#field-to").fill("hub")
    page.keyboard.press("Shift+Enter")

    expect(page.locator("#new #answer")).to_contain_text("move to hub")
    assert [wrong for wrong in watched.wrong if "422" not in wrong] == []


def test_another_decision_and_json_keep_what_was_typed(
    browser: Browser, world: str, session: str
) -> None:
    page = open_as(browser, session, f"{world}?example=rust").page
    page.get_by_role("radio", name="Install").check()
    expect(page.locator("#field-wasm_hash")).to_be_visible()
    assert page.locator("#field-module_id").input_value() == "clock"

    page.get_by_role("radio", name="Compile").check()
    expect(page.get_by_role("tab")).to_have_count(2)
    page.get_by_role("button", name="Show as JSON").click()

    text = page.locator("#decision-text").input_value()
    assert json.loads(text)["source_files"].keys() == {"Cargo.toml", "src/lib.rs"}


def test_a_zip_and_a_folder_fill_the_editor_and_compile_as_they_are(
    browser: Browser, world: str, session: str, tmp_path: Path
) -> None:
    watched = open_as(browser, session, world)
    page = watched.page
    expect(page.locator(".cm-content")).to_be_visible()
    packed = zipped({"clock/clock.wat": GOOD_WAT.encode(), "clock/a/notes.txt": b"a\r\nb\r\n"})
    page.locator("#choose-files").set_input_files(packed)
    expect(page.locator(".said-of-files")).to_have_text("2 files were added.")
    assert tabs_of(page) == ["a/notes.txt", "clock.wat"]
    assert page.locator("#field-manifest_path").input_value() == "clock.wat"
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "README").write_text("read me\n")
    page.locator("#choose-folder").set_input_files(folder)
    expect(page.get_by_role("tab", name="README")).to_be_visible()

    page.locator("#field-module_id").fill("clock")
    page.keyboard.press("Shift+Enter")

    expect(page.get_by_text("Sent to the compilers")).to_be_visible()
    package = find_package(CompileJob.objects.get().source_digest)
    assert package is not None
    assert package.files == {
        "README": "read me\n",
        "clock.wat": GOOD_WAT,
        "a/notes.txt": "a\r\nb\r\n",
    }
    assert watched.wrong == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.wat": b"(module)", "logo.png": b"\x89PNG\0\xff"}, "logo.png is no text in UTF-8"),
        ({f"{number}.c": b"" for number in range(129)}, "more than 128 files"),
        ({"a.c": b" " * (512 * 1024 + 1)}, "a.c is larger than 512 KiB"),
        ({f"{n}.c": b" " * 500_000 for n in range(9)}, "together larger than 4096 KiB"),
        ({f"{SCRIPT}.c": b"\xff"}, f"{SCRIPT}.c is no text"),
    ],
)
def test_s11_what_would_be_refused_is_named_before_it_is_sent(
    browser: Browser, world: str, session: str, files: dict[str, bytes], words: str
) -> None:
    watched = open_as(browser, session, f"{world}?example=wat")
    page = watched.page
    expect(page.get_by_role("tab")).to_have_count(1)

    page.locator("#choose-files").set_input_files(zipped(files))

    expect(page.locator(".said-of-files")).to_contain_text(words)
    assert tabs_of(page) == ["clock.wat"]
    assert watched.wrong == []


def test_a_chosen_module_fills_in_its_bytes_and_the_hash_computed_here(
    browser: Browser, world: str, session: str
) -> None:
    watched = open_as(browser, session, f"{world}?decision=deploy_module_artifact")
    page = watched.page
    page.locator("#wasm-file").set_input_files(
        {"name": "clock.wasm", "mimeType": "application/wasm", "buffer": wasm()}
    )
    expect(page.locator("#field-wasm_hash")).to_have_value(hash_of(wasm()))
    expect(page.locator("#field-wasm_bytes_hex")).to_have_value(wasm().hex())

    page.locator("#field-wasm_hash").focus()
    page.keyboard.press("Shift+Enter")

    expect(page.locator("#new #answer")).to_contain_text("Done as event")
    assert watched.wrong == []


def test_what_is_typed_is_saved_and_stands_there_in_another_browser(
    browser: Browser, world: str, session: str
) -> None:
    watched = open_as(browser, session, f"{world}?example=zig")
    watched.page.locator(".cm-content").focus()
    watched.page.keyboard.press("Control+End")
    watched.page.keyboard.type("// mine")
    expect(watched.page.locator("#draft-said")).to_have_text("Saved")

    other = open_as(browser, session, world)

    expect(other.page.locator(".cm-content")).to_contain_text("// mine")
    assert "draft=" in watched.page.url
    assert watched.wrong == other.wrong == []


def test_a23_two_browsers_never_overwrite_each_other(
    browser: Browser, world: str, session: str
) -> None:
    first = open_as(browser, session, f"{world}?decision=move_agent").page
    first.locator("#field-to").fill("start")
    expect(first.locator("#draft-said")).to_have_text("Saved")
    second = open_as(browser, session, world).page
    second.locator("#field-to").fill("theirs")
    expect(second.locator("#draft-said")).to_have_text("Saved")

    first.locator("#field-to").fill("mine")

    expect(first.locator("#conflict")).to_contain_text("to: theirs")
    expect(first.locator("#field-to")).to_have_value("mine")
    first.get_by_role("button", name="Keep both as two drafts").click()
    expect(first.locator("#conflict")).to_have_count(0)
    kept = {json.loads(draft.content)["fields"]["to"] for draft in Draft.objects.all()}
    assert kept == {"mine", "theirs"}


def test_a23_after_a_conflict_one_may_take_what_the_other_left(
    browser: Browser, world: str, session: str
) -> None:
    first = open_as(browser, session, f"{world}?decision=move_agent").page
    first.locator("#field-to").fill("start")
    expect(first.locator("#draft-said")).to_have_text("Saved")
    draft = Draft.objects.get()
    Draft.objects.update(version=7, content=draft.content.replace('"start"', json.dumps("theirs")))
    first.locator("#field-to").fill("mine")

    first.get_by_role("link", name="Take theirs").click()

    expect(first.locator("#field-to")).to_have_value("theirs")
    expect(first.locator("#conflict")).to_have_count(0)


def test_what_was_submitted_at_once_is_not_found_again_as_a_draft(
    browser: Browser, world: str, session: str
) -> None:
    page = open_as(browser, session, f"{world}?decision=move_agent").page
    page.locator("#field-to").fill("hub")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#new #answer")).to_contain_text("move to hub")

    page.goto(f"{world}?new=1")
    page.wait_for_timeout(1500)

    assert page.evaluate("Object.keys(localStorage)") == []
    assert not Draft.objects.exists()


def test_what_the_server_did_not_get_survives_a_reload(
    browser: Browser, world: str, session: str
) -> None:
    page = open_as(browser, session, f"{world}?decision=move_agent").page
    page.route("**/drafts/", lambda route: route.abort())
    page.locator("#field-to").fill("precious")
    expect(page.locator("#draft-said")).to_contain_text("kept in this browser")

    page.unroute("**/drafts/")
    page.goto(f"{world}?new=1")

    expect(page.locator("#field-to")).to_have_value("precious")
    assert json.loads(Draft.objects.get().content)["fields"] == {"to": "precious"}


def test_what_was_written_when_the_session_ended_is_there_after_the_next_log_in(
    browser: Browser, world: str, session: str
) -> None:
    page = open_as(browser, session, f"{world}?decision=move_agent").page
    page.locator("#field-to").fill("hub")
    page.context.clear_cookies()
    page.wait_for_timeout(3000)
    page.goto("about:blank")
    assert not Draft.objects.exists()

    bring_session(page, session, world)
    page.goto(world)

    expect(page.locator("#field-to")).to_have_value("hub")
    assert json.loads(Draft.objects.get().content)["fields"] == {"to": "hub"}


def test_a_submit_without_a_connection_says_so_and_keeps_the_text(
    browser: Browser, world: str, session: str
) -> None:
    page = open_as(browser, session, f"{world}?decision=move_agent").page
    page.locator("#field-to").fill("hub")
    page.route(world, lambda route: route.abort())

    page.keyboard.press("Shift+Enter")
    expect(page.locator("#unsent")).to_contain_text("no connection")
    page.unroute(world)
    page.keyboard.press("Shift+Enter")

    expect(page.locator("#new #answer")).to_contain_text("move to hub")
    assert Decision.objects.count() == 1
