"""The tour is taken as it is told: its script finds every page, and makes every picture."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURES = DOCS / "images"


def shown() -> set[str]:
    """Name the pictures that README and tour show."""
    texts = ((DOCS / "tour.md"), (DOCS.parent / "README.md"))
    return {
        Path(found).name
        for text in texts
        for found in re.findall(r"\]\(([\w/]*images/[\w.]+)\)", text.read_text(encoding="utf-8"))
    }


def test_every_picture_is_shown_and_every_one_that_is_shown_is_there() -> None:
    assert {path.name for path in PICTURES.glob("*.png")} == shown()


@pytest.mark.needs_chromium
def test_the_tour_can_be_taken(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(PICTURES / "make.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert {path.name for path in tmp_path.iterdir()} == shown()
