"""`toolchains`."""

from pathlib import Path

from tests.management.calling import facts, said
from tests.programs import manage


def test_every_toolchain_is_tried_by_a_compile() -> None:
    document = facts("toolchains")

    here = {one["name"]: one for one in document["toolchains"] if one["available"]}
    assert document["sandbox"]["available"] is True
    assert {"wat", "zig", "c"} <= here.keys()
    assert all(one["probe"]["ok"] for one in here.values())
    assert all(len(one["digest"]) == 64 for one in here.values())


def test_without_a_probe_nothing_is_compiled() -> None:
    printed = said("toolchains", "--no-probe")

    assert "sandbox   bubblewrap" in printed
    assert "zig       " in printed
    assert "probe" not in printed


def test_what_is_missing_is_named_with_the_command_that_installs_it(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path), "WORLDSIM_SOURCE_COMPILER": "no-such-compiler"}

    done = manage(tmp_path / "data", "toolchains", "--no-probe", changes=nothing)

    assert done.returncode == 0, done.stderr
    assert "command   missing: the command in WORLDSIM_SOURCE_COMPILER is not found" in done.stdout
    assert "install it: set WORLDSIM_SOURCE_COMPILER" in done.stdout
