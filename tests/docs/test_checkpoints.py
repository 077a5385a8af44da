"""The checker printed beside checkpoints accepts exports that extend them, and refuses others."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lifecycle.usecases.checkpoints import known_keys, make_checkpoint
from lifecycle.usecases.export import export_world
from tests.service import decide, found_world

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def check(folder: Path, export: bytes, note: str) -> subprocess.CompletedProcess[str]:
    """Run the printed checker."""
    text = (ROOT / "docs" / "checkpoints.md").read_text(encoding="utf-8")
    [program] = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (folder / "check_checkpoint.py").write_text(program, encoding="utf-8")
    (folder / "world.jsonl").write_bytes(export)
    (folder / "world.checkpoint").write_text(note, encoding="utf-8")
    (folder / "keys").write_text("\n".join(key.vkey for key in known_keys()) + "\n", "utf-8")
    argv = [sys.executable, "check_checkpoint.py", "world.jsonl", "world.checkpoint", "keys"]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def a_signed_world(slug: str = "demo") -> tuple[bytes, str]:
    """Found a world, sign it, go on, and export it."""
    found_world(slug)
    note = make_checkpoint(slug, channel="command").note
    decide("ada", "wait", world=slug)
    return b"".join(export_world(slug)), note


def test_e17_the_checker_accepts_an_export_that_extends_the_checkpoint(tmp_path: Path) -> None:
    checked = check(tmp_path, *a_signed_world())

    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == "5 events extend the checkpoint of event 4\n"


@pytest.mark.parametrize(("true", "false"), [(b'"hub"', b'"hut"'), (b'"ada"', b'"eve"')])
def test_e17_the_checker_refuses_an_export_that_was_changed(
    tmp_path: Path, true: bytes, false: bytes
) -> None:
    export, note = a_signed_world()

    checked = check(tmp_path, export.replace(true, false), note)

    assert checked.returncode == 1
    assert "AssertionError" in checked.stderr


def test_e17_the_checker_refuses_an_export_that_ends_earlier(tmp_path: Path) -> None:
    export, note = a_signed_world()

    checked = check(tmp_path, b"".join(export.splitlines(keepends=True)[:3]), note)

    assert "the journal ends before event 4" in checked.stderr


def test_e17_the_checker_refuses_another_world(tmp_path: Path) -> None:
    export, _ = a_signed_world()
    _, note = a_signed_world("theirs")

    assert "it is of another world" in check(tmp_path, export, note).stderr


def test_e17_the_checker_refuses_a_changed_checkpoint(tmp_path: Path) -> None:
    export, note = a_signed_world()

    checked = check(tmp_path, export, note.replace('"seq":4', '"seq":3'))

    assert "InvalidSignature" in checked.stderr
