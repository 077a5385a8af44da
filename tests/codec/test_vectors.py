"""The published test vectors are what this code computes, and other languages agree."""

import subprocess
from pathlib import Path

import pytest

from lifecycle.codec.events import hash_event
from tests.codec.samples import chain
from tests.codec.vectors import document, lines

VECTORS = Path(__file__).parent.parent.parent / "docs" / "vectors"
LAST_HASH = "0c86995d9c80627e70ef924124ab2492223d50f0bdd7f269f7d7a6c92ba33ba2"


def check(file: Path) -> subprocess.CompletedProcess[str]:
    """Run the check that docs/vectors/README.md tells of: bash and sha256sum."""
    command = ["bash", str(VECTORS / "check.sh"), str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "content"), [("hash-chain.json", document()), ("hash-chain.jsonl", lines())]
)
def test_the_published_vectors_are_what_is_computed(name: str, content: str) -> None:
    assert (VECTORS / name).read_text(encoding="utf-8") == content


def test_the_last_hash_has_not_changed_since_it_was_published() -> None:
    assert hash_event(chain()[-1]) == LAST_HASH


def test_a_script_in_another_language_computes_the_same_chain() -> None:
    run = check(VECTORS / "hash-chain.jsonl")

    assert (run.returncode, run.stdout) == (0, f"{len(chain())} events, last hash {LAST_HASH}\n")


@pytest.mark.parametrize("number", range(len(chain()) - 1))
def test_the_script_finds_a_changed_event(number: int, tmp_path: Path) -> None:
    events = lines().splitlines()
    events[number] = events[number].replace('"tick":', '"tick":1', 1)
    forged = tmp_path / "forged.jsonl"
    forged.write_text("\n".join(events) + "\n", encoding="utf-8")

    run = check(forged)

    assert run.returncode == 1
    assert run.stderr == f"event {number + 2} does not follow the one before\n"
