"""The main job in the notebook alone: from the log-in to the installed module, with each toolchain.

The web server, the worker and its compilers are the real ones, and nobody reloads a page.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lifecycle.models.worlds import Role
from lifecycle.usecases.verify import verify_world
from tests.notebook.chromium import Watched, log_in, open_as, open_page
from tests.notebook.people import GOOD_WAT, PASSWORD, account, browser_of
from tests.service import compile_source, found_world, hash_of
from tests.serving import Web, Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_chromium]

COMPILED_MS = 90_000


@pytest.fixture(scope="module")
def service(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Start a web server and a worker on the tests' database."""
    del django_db_setup
    folder = tmp_path_factory.mktemp("service")
    worker = Worker(folder)
    web = Web(folder)
    yield web
    for started in (web, worker):
        started.running.make_sure_it_is_gone()


@pytest.fixture
def world(service: Web) -> str:
    found_world("demo", "ada", "bob")
    return f"{service.address}/worlds/demo/"


def stays(page: Page) -> None:
    """Mark a page, so that a reload would show."""
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    return page.evaluate("window.stayed") is True


def newest_cell(page: Page, words: str) -> Locator:
    cell = page.locator("#cells .cell").last
    expect(cell.get_by_role("heading")).to_contain_text(words)
    return cell


def write_and_compile(page: Page, example: str, remark: str) -> Locator:
    """Take an example, write a remark over a part of it, submit; give the cell when it is done."""
    page.get_by_role("radio", name="Compile", exact=True).check()
    examples = page.get_by_role("navigation", name="Start from an example")
    examples.get_by_role("link", name=example, exact=True).click()
    expect(page.locator(".cm-content")).to_be_visible()
    stays(page)
    page.locator(".cm-content").focus()
    for key in ("Control+End", "x", "Shift+Home"):
        page.keyboard.press(key)
    page.keyboard.type(remark)
    expect(page.locator(".cm-line").last).to_have_text(remark)
    page.keyboard.press("Shift+Enter")
    answer = page.locator("#new #answer")
    expect(answer).to_contain_text("Sent to the compilers")
    expect(answer).to_be_in_viewport()
    expect(page.locator("#draft-said")).to_be_empty()
    cell = newest_cell(page, "compile clock")
    expect(cell).to_be_in_viewport()
    expect(cell.locator(".status")).to_have_text("applied", timeout=COMPILED_MS)
    expect(page.get_by_text("Nothing is being compiled.")).to_be_visible()
    assert stayed(page)
    return cell


def download_from(page: Page, cell: Locator) -> bytes:
    cell.get_by_label("Provenance").get_by_role("link").first.click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download wasm").click()
    content = Path(downloading.value.path()).read_bytes()
    page.get_by_role("link", name="Notebook", exact=True).click()
    return content


def deploy_as_bob(page: Page, content: bytes) -> None:
    page.get_by_role("radio", name="Deploy").check()
    page.locator("#decision-agent").select_option("bob")
    page.locator("#wasm-file").set_input_files(
        {"name": "clock.wasm", "mimeType": "application/wasm", "buffer": content}
    )
    expect(page.locator("#field-wasm_hash")).to_have_value(hash_of(content))
    page.locator("#field-wasm_hash").press("Shift+Enter")
    expect(page.locator("#new #answer")).to_contain_text("Done as event 7")
    panel = page.locator("section:has(#artifacts-title) tbody tr")
    expect(panel).to_contain_text("ada, bob")


@pytest.mark.parametrize(
    ("example", "remark", "made_by"),
    [
        pytest.param("Compile WebAssembly text", ";; mine", "wat", id="wat"),
        pytest.param("Compile Zig", "// mine", "zig", id="zig"),
        pytest.param("Compile C", "// mine", "c", id="c"),
        pytest.param("Compile Rust", "# mine", "rust", id="rust", marks=pytest.mark.needs_rust),
    ],
)
def test_the_main_job_from_the_log_in_to_the_installed_module(
    browser: Browser, world: str, example: str, remark: str, made_by: str
) -> None:
    account("eve", Role.OPERATOR, password=PASSWORD)
    watched = open_page(browser)
    log_in(watched, world, "eve", PASSWORD)
    page = watched.page

    cell = write_and_compile(page, example, remark)
    deploy_as_bob(page, download_from(page, cell))
    compiled = page.locator("#cells .cell").first
    compiled.get_by_role("link", name="Install as new cell").click()
    stays(page)
    page.locator("#field-module_id").press("Shift+Enter")

    row = page.locator("section:has(#modules-title) tbody tr", has_text="clock")
    expect(row).to_contain_text("active")
    expect(row).to_contain_text("ada")
    artifact = page.locator("section:has(#artifacts-title) tbody tr")
    expect(artifact.get_by_role("cell", name=made_by, exact=True)).to_be_visible()
    expect(compiled).to_contain_text("installed as clock 0.1.0 [8]")
    assert stayed(page)
    assert watched.wrong == []
    assert verify_world("demo").ok


def visit(browser: Browser, address: str, *, width: int = 1280, scheme: str = "light") -> Watched:
    """Open a page as an operator whose session is made without the log-in page."""
    session = browser_of("eve", Role.OPERATOR).cookies["sessionid"].value
    return open_as(browser, session, address, width=width, scheme=scheme)


def test_a_rebuild_is_asked_for_by_a_click_and_shows_its_result_by_itself(
    browser: Browser, world: str
) -> None:
    compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    watched = visit(browser, world)
    page = watched.page
    cell = page.locator("#cells .cell").last
    expect(cell.locator(".status")).to_have_text("applied", timeout=COMPILED_MS)
    cell.get_by_label("Provenance").get_by_role("link").first.click()

    page.get_by_role("button", name="Rebuild and compare").click()
    stays(page)

    result = page.locator("#rebuilds .rebuild")
    expect(result.locator(".status")).to_have_text("the same bytes", timeout=COMPILED_MS)
    expect(result).to_contain_text("asked for by eve")
    expect(result).to_be_in_viewport()
    assert stayed(page)
    assert watched.wrong == []


def test_on_a_phone_who_submits_is_led_to_the_answer_and_the_cell(
    browser: Browser, world: str
) -> None:
    watched = visit(browser, f"{world}?example=wat", width=360, scheme="dark")

    cell = write_and_compile(watched.page, "Compile WebAssembly text", ";; mine")

    expect(cell.get_by_role("link", name="Install as new cell")).to_be_in_viewport()
    assert watched.page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    assert watched.wrong == []
