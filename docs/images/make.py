"""Makes the pictures of README and tour: the service just started, in a real browser.

`python docs/images/make.py [FOLDER]` starts the service in a folder that is thrown away, waits
until the demo's modules are compiled and installed, and takes the tour's steps. It needs Chromium.

Whoever takes a step looks for what the tour's text names there, so a page that went another way
fails here, and not in front of a reader.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    StorageState,
    ViewportSize,
    expect,
    sync_playwright,
)

PICTURES: Final = Path(__file__).resolve().parent
ROOT: Final = PICTURES.parents[1]
DONE: Final = "Submit a decision:"
STOP_SECONDS: Final = 30
# High enough for the whole composer, so that nothing lies over a part that is taken by itself.
HIGH: Final[ViewportSize] = {"width": 1280, "height": 1500}
WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
SETTLED_MS: Final = 400
COMPILE_SECONDS: Final = 120


@contextmanager
def service(folder: Path) -> Iterator[str]:
    """Run the service with its demo world, and give its address once the demo is done."""
    environment = {**os.environ, "WORLDSIM_DATA": str(folder), "PORT": "0"}
    environment.pop("DATABASE_URL", None)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield _address_told_by(process)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=STOP_SECONDS)


def _address_told_by(process: subprocess.Popen[str]) -> str:
    address = ""
    for line in process.stdout or ():
        words = line.split()
        if words[:1] == ["worldsim"]:
            address = words[1]
        if DONE in line:
            return address
    message = "the service ended before its demo world was made"
    raise RuntimeError(message)


class Tour:
    """A visitor of the demo world, and where its pictures go."""

    def __init__(self, browser: Browser, address: str, pictures: Path) -> None:
        """Open a window for the visitor; `address` is the service's."""
        self._browser, self._address, self._pictures = browser, address, pictures
        self._log_in: StorageState | None = None
        self.page = self._window(WIDE)

    def take(self, password: str) -> None:
        """Take every step in its order."""
        self.log_in(password)
        self.look_at_the_world()
        self.write_a_module()
        self.see_a_refusal()
        self.mend_and_compile()
        self.open_the_artifact()
        self.install_it()
        self.go_back_in_time()
        self.invite_a_team_mate()
        self.prove_the_world()
        self.read_on_a_phone()

    def log_in(self, password: str) -> None:
        """Log in as the first administrator."""
        page = self.page
        page.goto(f"{self._address}worlds/demo/")
        page.get_by_label("Account").fill("admin")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_selector("#pulse[data-state=live]")
        self._log_in = page.context.storage_state()

    def look_at_the_world(self) -> None:
        """Show cells on the left, and what the world holds on the right."""
        self._picture("world")

    def write_a_module(self) -> None:
        """Show the composer with the sources of an example."""
        self.page.goto(f"{self._address}worlds/demo/?example=c#new")
        expect(self.page.locator(".cm-content")).to_be_visible()
        self.page.locator("#decision-agent").select_option("scout")
        self._picture("editor", self.page.locator("#new"))

    def see_a_refusal(self) -> None:
        """Leave the module's id empty, and be told so at its field."""
        self._fill("module_id", "")
        self._submit()
        expect(self.page.locator("#new [role=alert]").first).to_be_visible()
        self._picture("refusal", self.page.locator("#new"))

    def mend_and_compile(self) -> None:
        """Mend it, compile, and wait until the cell says that the artifact is published."""
        self._fill("module_id", "tour.module")
        self._submit()
        expect(self.page.get_by_text("Sent to the compilers")).to_be_visible()
        self._compiled = self._cell("compile tour.module")
        done = self._compiled.get_by_role("list", name="Provenance")
        expect(done).to_be_visible(timeout=COMPILE_SECONDS * 1000)
        self._picture("cell", self._compiled)

    def open_the_artifact(self) -> None:
        """Follow the cell's link to the bytes, and from there to their lineage."""
        self._compiled.get_by_role("link", name=re.compile("^[0-9a-f]{6}")).first.click()
        expect(self.page.get_by_role("heading", name="Artifact")).to_be_visible()
        self._picture("artifact")

    def install_it(self) -> None:
        """Install the newest artifact, and follow its module back to the sources."""
        page = self.page
        page.goto(f"{self._address}worlds/demo/?example=install#new")
        page.locator("#decision-agent").select_option("scout")
        self._submit()
        expect(page.locator("#new #answer")).to_contain_text("install tour.module")
        page.goto(f"{self._address}worlds/demo/lineage/?around=tour.module")
        expect(page.get_by_role("heading", name="Picture")).to_be_visible()
        self._picture("lineage")

    def go_back_in_time(self) -> None:
        """Show the world as it was."""
        self.page.goto(f"{self._address}worlds/demo/at/?seq=12")
        expect(self.page.locator("#as-of")).to_contain_text("As of event 12")
        self._picture("history")

    def invite_a_team_mate(self) -> None:
        """Make an invitation, which is shown once."""
        self.page.goto(f"{self._address}worlds/demo/team/")
        self.page.get_by_label("For whom").fill("Eve, who watches")
        self.page.get_by_role("button", name="Make an invitation").click()
        expect(self.page.get_by_text("Eve, who watches").first).to_be_visible()
        self._picture("team")

    def prove_the_world(self) -> None:
        """Check the whole journal in the audit."""
        page = self.page
        page.goto(f"{self._address}admin/")
        table = page.get_by_role("region", name="Worlds, as a table")
        table.get_by_role("link", name="demo").click()
        page.get_by_role("button", name="Check", exact=True).click()
        sound = page.get_by_text("Everything that was checked is what was once appended.")
        expect(sound).to_be_visible(timeout=COMPILE_SECONDS * 1000)
        self._picture("audit")

    def read_on_a_phone(self) -> None:
        """Show the same world on a narrow, dark screen."""
        self.page = self._window(PHONE, dark=True)
        self.page.goto(f"{self._address}worlds/demo/")
        self.page.wait_for_selector("#pulse[data-state=live]")
        self._picture("phone")

    def _window(self, size: ViewportSize, *, dark: bool = False) -> Page:
        context = self._browser.new_context(
            viewport=size,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            storage_state=self._log_in,
        )
        return context.new_page()

    def _picture(self, name: str, part: Locator | None = None) -> None:
        path = self._pictures / f"{name}.png"
        if part is None:
            self.page.screenshot(path=path)
            return
        self.page.set_viewport_size(HIGH)
        part.scroll_into_view_if_needed()
        # What comes into view for the first time is measured by the editor first.
        self.page.wait_for_timeout(SETTLED_MS)
        part.screenshot(path=path)
        self.page.set_viewport_size(WIDE)

    def _fill(self, field: str, text: str) -> None:
        self.page.locator(f"#field-{field}").fill(text)

    def _submit(self) -> None:
        self.page.locator("#new").get_by_role("button", name="Submit").click()

    def _cell(self, asked: str) -> Locator:
        return self.page.get_by_role("article", name=asked).last


def make(pictures: Path) -> None:
    """Start the service, take the tour, and leave its pictures in a folder."""
    with tempfile.TemporaryDirectory() as folder, service(Path(folder)) as address:
        password = (Path(folder) / "first-login").read_text(encoding="utf-8")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu", "--no-first-run"],
            )
            Tour(browser, address, pictures).take(password.strip())
            browser.close()


if __name__ == "__main__":
    make(Path(sys.argv[1]) if sys.argv[1:] else PICTURES)
