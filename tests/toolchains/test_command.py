"""The operator's command: called as documented, and what it is given is contained all the same."""

from dataclasses import replace
from pathlib import Path

import pytest

from lifecycle.toolchains.catalog import ToolchainConfig, detect_toolchains, find_toolchain
from lifecycle.toolchains.results import Diagnostic
from tests.sandbox.programs import processes_with
from tests.toolchains.building import Bench

# A compiler that obeys its source: whatever can run in a compile can be tried through it.
OBEDIENT = '#!/bin/sh\n[ "$2" = "$PWD" ] || exit 9\nexport MODULE="$1" OUT="$4"\nexec sh "$2/$3"\n'


@pytest.fixture(scope="module")
def command(config: ToolchainConfig, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    script = tmp_path_factory.mktemp("command") / "obedient"
    script.write_text(OBEDIENT)
    script.chmod(0o755)
    return Bench(replace(config, source_compiler=f"{script} "))


def test_the_command_is_given_module_workspace_manifest_and_output(command: Bench) -> None:
    files = {"deep/make.sh": 'printf "%s:%s" "$MODULE" "$OUT" > "$OUT"\n'}

    result = command.made("command", "deep/make.sh", files)

    assert result.wasm == b"module-id:/sandbox/work/out/module.wasm"
    assert result.version.startswith("sha256:")


def test_a_command_that_writes_nothing_is_told_what_is_missing(command: Bench) -> None:
    result = command.failed("command", "make.sh", {"make.sh": "exit 0\n"})

    assert result.code == "compile_output_missing"


def test_what_the_command_says_becomes_diagnostics(command: Bench) -> None:
    files = {"make.sh": 'echo "part.x:3:4: error: no such thing" >&2\nexit 1\n'}

    result = command.failed("command", "make.sh", files)

    assert result.code == "compile_failed"
    assert result.facts["exit_code"] == 1
    assert result.diagnostics == (Diagnostic("part.x", 3, 4, "error", "no such thing"),)


def test_s33_a_fork_bomb_is_refused_as_a_process_limit(command: Bench) -> None:
    bomb = "bomb() { bomb | bomb & }\nbomb\nwhile :; do bomb; done\n"

    result = command.failed("command", "make.sh", {"make.sh": bomb}, processes=64)

    assert result.code == "compile_process_limit_exceeded"
    assert result.facts == {"toolchain": "command", "limit": 64}


def test_s31_a_compile_that_leaves_its_session_is_gone_with_the_compile(command: Bench) -> None:
    mark = "3600.20001"
    escape = f"setsid setsid sleep {mark} & setsid sleep {mark} &\nsleep {mark}\n"

    result = command.failed("command", "make.sh", {"make.sh": escape}, wall_ms=700)

    assert result.code == "compile_timeout"
    assert processes_with(f"sleep\0{mark}") == []


def test_ten_gigabytes_of_output_are_refused_by_space(command: Bench) -> None:
    flood = 'while :; do cat /usr/bin/*; done > "$OUT"\n'

    result = command.failed("command", "make.sh", {"make.sh": flood})

    assert result.code == "compile_output_exceeded"
    assert result.facts["resource"] in {"disk", "file_size"}


def test_a_flood_of_messages_is_refused_by_length(command: Bench) -> None:
    flood = "while :; do cat /usr/bin/sh; done\n"

    result = command.failed("command", "make.sh", {"make.sh": flood}, log_flood_bytes=1 << 20)

    assert result.code == "compile_output_exceeded"
    assert result.facts["resource"] == "log"


def test_s29_a_command_that_crashes_has_its_own_code(command: Bench) -> None:
    result = command.failed("command", "make.sh", {"make.sh": "kill -SEGV $$\n"})

    assert result.code == "compile_crashed"
    assert result.facts["signal"] == "SIGSEGV"


def test_the_command_sees_programs_of_the_system_and_no_data(command: Bench) -> None:
    listing = "ls -d /etc /home /root /var /usr/local /usr/share /proc /tmp /sys; ls -d /usr/bin\n"

    result = command.failed("command", "make.sh", {"make.sh": f"{listing}exit 1\n"})

    assert result.code == "compile_failed"
    said = "\n".join(found.message for found in result.diagnostics)
    for folder in ("/etc", "/home", "/root", "/var", "/usr/local", "/usr/share", "/proc", "/sys"):
        assert f"'{folder}': No such file" in said


def test_the_operator_names_what_else_the_command_may_see(command: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o755)
    data = folder / "data.txt"
    data.write_text("shared")
    open_bench = Bench(replace(command.config, command_binds=(folder,)))
    files = {"make.sh": f'cat {data} > "$OUT"\n'}

    assert open_bench.made("command", "make.sh", files).wasm == b"shared"
    assert command.failed("command", "make.sh", files).code == "compile_failed"


def test_another_content_of_the_command_is_another_toolchain(
    config: ToolchainConfig, tmp_path: Path
) -> None:
    script = tmp_path / "compiler"
    digests = set()
    for text in ("#!/bin/sh\n", "#!/bin/sh\n#\n"):
        script.write_text(text)
        script.chmod(0o755)
        digests.add(find_toolchain(replace(config, source_compiler=str(script)), "command").digest)

    assert len(digests) == 2


@pytest.mark.parametrize("words", ["/no/such/compiler", "'unclosed"])
def test_a_command_that_is_not_there_is_refused(bench: Bench, words: str) -> None:
    missing = Bench(replace(bench.config, source_compiler=words))

    result = missing.failed("command", "make.sh", {"make.sh": ""})

    assert result.code == "toolchain_unavailable"
    assert "WORLDSIM_SOURCE_COMPILER" in str(result.facts["install_hint"])


def test_without_a_command_none_is_listed(config: ToolchainConfig) -> None:
    names = [status.name for status in detect_toolchains(config)]

    assert names == ["wat", "zig", "c", "rust"]
