"""Gives tests of pages a real browser, one for each file. What is done in it stands elsewhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.notebook.chromium import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium, and end it with the file's last test."""
    with pytest.MonkeyPatch.context() as patch, chromium() as started:
        # Playwright keeps an event loop in this thread; the tests' own queries are not in it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=30_000)
        yield started


@pytest.fixture(autouse=True)
def _close_pages(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what a test opened, so that its pages do not go on asking in the next one."""
    if "browser" not in request.fixturenames:
        yield
        return
    browser: Browser = request.getfixturevalue("browser")
    yield
    for context in browser.contexts:
        context.close()
