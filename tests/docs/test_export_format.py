"""The checker printed in the export's description accepts true exports and refuses changed ones."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lifecycle.models.jobs import CompileJob
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.export import export_world
from tests.service import compile_source, deploy, found_world, wasm

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def check(folder: Path, export: bytes) -> subprocess.CompletedProcess[str]:
    """Run the printed checker on an export."""
    text = (ROOT / "docs" / "export-format.md").read_text(encoding="utf-8")
    [program] = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (folder / "check_export.py").write_text(program, encoding="utf-8")
    (folder / "world.jsonl").write_bytes(export)
    argv = [sys.executable, "check_export.py", "world.jsonl"]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def export() -> bytes:
    """Export a world with an uploaded and a compiled module and a failed compile."""
    found_world()
    deploy("ada", wasm())
    for source in ("(module)", "(module (func"):
        compile_source("ada", "clock", "a.wat", {"a.wat": source})
    for job in CompileJob.objects.order_by("pk"):
        run_job(job.pk)
    return b"".join(export_world("demo"))


def test_the_checker_accepts_a_true_export(tmp_path: Path, export: bytes) -> None:
    checked = check(tmp_path, export)

    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.startswith("9 events, 5 pieces of content, head ")


@pytest.mark.parametrize(
    ("true", "false"),
    [(b'"hub"', b'"hut"'), (b'"tick":0', b'"tick":1'), (b'"base64":"A', b'"base64":"B')],
)
def test_the_checker_refuses_a_changed_export(
    tmp_path: Path, export: bytes, true: bytes, false: bytes
) -> None:
    assert true in export

    assert check(tmp_path, export.replace(true, false, 1)).returncode == 1


def test_the_checker_refuses_an_export_that_lacks_an_event(tmp_path: Path, export: bytes) -> None:
    lines = export.splitlines(keepends=True)

    assert check(tmp_path, b"".join(lines[:3] + lines[4:])).returncode == 1
