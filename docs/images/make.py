"""Makes the pictures of README and tour: the service just started, in a real browser.

`python docs/images/make.py [FOLDER]` starts the service in a folder that is thrown away, waits
until the demo's modules are compiled and installed, and takes the tour's steps. It needs Chromium.
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
from steps import Tour

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
