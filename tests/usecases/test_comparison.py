"""Two artifacts compared: files line by line, imports and exports, sections, how they were made."""

import json

import pytest

from lifecycle.access.callers import get_any_world
from lifecycle.models.jobs import CompileJob
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.queries.comparison import Comparison, compare_artifacts
from tests.service import compile_source, deploy, found_world, hash_of, wasm
from tests.usecases.histories import job_of

pytestmark = pytest.mark.django_db

BEFORE = """(module
  (import "host" "log" (func (param i32)))
  (func (export "tick") (result i32) i32.const 1)
  (func (export "gone")))
"""
AFTER = """(module
  (import "host" "log" (func (param i64)))
  (import "host" "now" (func (result i64)))
  (func (export "tick") (result i32) i32.const 2)
  (memory (export "memory") 1))
"""


def compiled(files: dict[str, str], manifest: str = "a.wat") -> str:
    """Compile a package for ada and give the artifact's hash."""
    outcome = compile_source("ada", "clock", manifest, files)
    job = job_of(outcome)
    assert run_job(job.pk) == "succeeded"
    return str(CompileJob.objects.get(pk=job.pk).wasm_hash)


def compared(before: str, after: str) -> Comparison:
    found = compare_artifacts(get_any_world("demo"), before, after)
    assert found is not None
    json.dumps(found.document())
    return found


def test_what_was_added_removed_and_changed_is_told_of_imports_and_exports() -> None:
    found_world()

    found = compared(compiled({"a.wat": BEFORE}), compiled({"a.wat": AFTER}))

    assert found.imports is not None
    assert found.exports is not None
    told = {one.name: (one.before is not None, one.after is not None) for one in found.imports}
    assert told == {"host.log": (True, True), "host.now": (False, True)}
    told = {one.name: (one.before is not None, one.after is not None) for one in found.exports}
    assert told == {"gone": (True, False), "memory": (False, True)}


def test_a_changed_file_is_shown_line_by_line() -> None:
    found_world()
    first = compiled({"a.wat": BEFORE, "old.txt": "old", "same.txt": "same"})
    second = compiled({"a.wat": AFTER, "new.txt": "new", "same.txt": "same"})

    found = compared(first, second)

    assert found.files is not None
    assert [(one.path, one.state) for one in found.files] == [
        ("a.wat", "changed"),
        ("old.txt", "removed"),
        ("new.txt", "added"),
        ("same.txt", "same"),
    ]
    assert found.files_changed == 3
    lines = {(line.kind, line.text.strip()) for line in found.files[0].lines}
    assert ("removed", '(func (export "gone")))') in lines
    assert ("added", '(memory (export "memory") 1))') in lines
    assert ("kept", "(module") in lines
    assert [(line.kind, line.text) for line in found.files[1].lines[1:]] == [("removed", "old")]
    assert found.files[3].lines == []


def test_a_file_too_long_to_compare_is_said_to_differ_and_costs_nothing() -> None:
    found_world()
    long = "\n".join(f"line {number}" for number in range(20_000))
    first = compiled({"a.wat": BEFORE, "long.txt": long})
    second = compiled({"a.wat": AFTER, "long.txt": long + "\nmore"})

    found = compared(first, second)

    assert found.files is not None
    [changed] = [one for one in found.files if one.path == "long.txt"]
    assert (changed.state, changed.lines, changed.cut) == ("changed", [], True)


def test_very_many_differing_lines_are_cut() -> None:
    found_world()
    first = compiled({"a.wat": BEFORE, "b.txt": "\n".join(map(str, range(1000)))})
    second = compiled({"a.wat": AFTER, "b.txt": "\n".join(map(str, range(2000, 3000)))})

    found = compared(first, second)

    assert found.files is not None
    [changed] = [one for one in found.files if one.path == "b.txt"]
    assert (len(changed.lines), changed.cut) == (400, True)


def test_uploads_have_no_files_to_compare_and_facts_tell_where_they_differ() -> None:
    found_world()
    deploy("ada", wasm(1))
    deploy("bob", wasm(200_000))

    found = compared(hash_of(wasm(1)), hash_of(wasm(200_000)))

    assert found.files is None
    assert found.imports == found.exports == []
    differing = {one.name for one in found.facts if one.differs}
    assert differing == {"Size in bytes", "Owners"}


def test_modules_that_differ_in_custom_sections_alone_have_the_same_code() -> None:
    found_world()
    plain = wasm(1)
    named = plain + bytes((0, 5, 4)) + b"note"
    deploy("ada", plain)
    deploy("ada", named)

    found = compared(hash_of(plain), hash_of(named))

    assert found.same_code
    assert [(one.name, one.before) for one in found.sections] == [("note", "none")]


def test_an_artifact_that_the_world_lacks_is_compared_with_nothing() -> None:
    found_world()
    found_world("theirs")
    deploy("ada", wasm(1))
    deploy("ada", wasm(2), world="theirs")
    world = get_any_world("demo")

    assert compare_artifacts(world, hash_of(wasm(1)), hash_of(wasm(2))) is None
    assert compare_artifacts(world, hash_of(wasm(2)), hash_of(wasm(1))) is None
