"""A real Chromium for the tests of pages, which notes all that a visitor would have to forgive.

The browser runs in threads of its own; what is noted is checked when it closes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from shutil import which
from typing import Final
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, expect, sync_playwright

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium, and end it."""
    program = next(found for name in _NAMES if (found := which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_OPTIONS))
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page and what went wrong on it: faults, and console errors, policy violations too."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start to listen."""
        self.page.on(
            "console",
            lambda said: (
                self.wrong.append(said.text) if said.type in {"error", "warning"} else None
            ),
        )
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))


def open_page(browser: Browser, *, width: int = 1280, scheme: str = "light") -> Watched:
    """Open a page of a visitor of one's own."""
    dark = scheme == "dark"
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
    )
    context.set_default_timeout(15_000)
    return Watched(context.new_page())


def bring_session(page: Page, session: str, address: str) -> None:
    """Log a browser in without the log-in page, on all of the site that an address is of."""
    cookie = {"name": "sessionid", "value": session, "url": urljoin(address, "/")}
    page.context.add_cookies([cookie])  # type: ignore[list-item] # Playwright's own TypedDict


def open_as(
    browser: Browser, session: str, address: str, *, width: int = 1280, scheme: str = "light"
) -> Watched:
    """Open an address in a browser of one's own, logged in without the log-in page."""
    watched = open_page(browser, width=width, scheme=scheme)
    bring_session(watched.page, session, address)
    watched.page.goto(address)
    return watched


def log_in(watched: Watched, address: str, name: str, password: str) -> None:
    """Log in by the keyboard alone, starting from a page that wants it."""
    page = watched.page
    page.goto(address)
    # The first field has the focus when the page is drawn, which may be after it is loaded.
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(address)
