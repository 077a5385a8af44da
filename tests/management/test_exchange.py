"""`export` and `import`: a world leaves, and comes back byte for byte."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from lifecycle.journal.errors import WorldNotFoundError
from lifecycle.journal.store import get_head
from tests.management.calling import facts, said
from tests.programs import manage
from tests.service import deploy, found_world, wasm


@pytest.mark.django_db
def test_a_world_comes_back_byte_for_byte(tmp_path: Path) -> None:
    found_world()
    deploy("ada", wasm())
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    said("export", "demo", str(first))

    imported = facts("import", str(first), "--as", "copy")
    said("export", "copy", str(second))

    assert second.read_bytes() == first.read_bytes()
    assert imported == {
        "world": "copy",
        "events": 5,
        "head_hash": get_head("demo").hash,
        "state_digest": facts("state", "demo")["state_digest"],
    }


@pytest.mark.django_db
def test_the_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "demo.jsonl"
    file.write_text("as it was", encoding="utf-8")

    with pytest.raises(CommandError, match='There is no world "demo"'):
        said("export", "demo", str(file))

    assert file.read_text(encoding="utf-8") == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["demo.jsonl"]


@pytest.mark.django_db
def test_a_changed_line_is_refused_at_its_event_and_leaves_nothing(tmp_path: Path) -> None:
    found_world()
    file = tmp_path / "demo.jsonl"
    said("export", "demo", str(file))
    file.write_bytes(file.read_bytes().replace(b'"hub"', b'"hup"', 1))

    with pytest.raises(CommandError, match="Line 3, event 2: ") as refused:
        said("import", str(file), "--as", "copy")

    assert refused.value.returncode == 1
    with pytest.raises(WorldNotFoundError):
        get_head("copy")


@pytest.mark.django_db
def test_a_world_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    found_world()
    file = tmp_path / "demo.jsonl"
    said("export", "demo", str(file))

    with pytest.raises(CommandError, match="The world “demo” exists already"):
        said("import", str(file))


@pytest.mark.django_db
def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    found_world()

    with pytest.raises(CommandError, match="No such file or directory"):
        said("export", "demo", str(tmp_path / "no" / "demo.jsonl"))


def test_a_world_goes_through_a_pipe(store: Path) -> None:
    manage(store, "create_world", "harbour")

    exported = manage(store, "export", "harbour")
    imported = manage(store, "import", "-", "--as", "copy", stdin=exported.stdout)

    assert (exported.returncode, exported.stderr) == (0, "")
    assert (imported.returncode, imported.stderr) == (0, "")
    assert imported.stdout.startswith("Imported 1 events as the world copy.\n")
