"""Makes the README's picture: the demo world of a service just started, in a real browser.

`python docs/images/make.py` starts the service in a folder that is thrown away, waits until the
demo's modules are compiled and installed, and takes the picture. It needs Chromium.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

PICTURES: Final = Path(__file__).resolve().parent
ROOT: Final = PICTURES.parents[1]
DONE: Final = "Submit a decision:"
STOP_SECONDS: Final = 30


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


def take_picture(address: str, password: str, picture: Path) -> None:
    """Log in as the first administrator and take the picture of the demo world."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--no-first-run"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(f"{address}worlds/demo/")
        page.fill("[name=username]", "admin")
        page.fill("[name=password]", password)
        page.click("button.main")
        page.wait_for_selector("#pulse[data-state=live]")
        page.screenshot(path=picture)
        browser.close()


def main() -> None:
    """Make the picture."""
    with tempfile.TemporaryDirectory() as folder, service(Path(folder)) as address:
        password = (Path(folder) / "first-login").read_text(encoding="utf-8")
        take_picture(address, password, PICTURES / "world.png")


if __name__ == "__main__":
    main()
