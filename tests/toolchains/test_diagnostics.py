"""What an author is told: place, severity and text, enough to mend the code, and no more."""

import pytest

from lifecycle.core.source_package import SourcePackage
from lifecycle.protocol.wording import describe
from lifecycle.sandbox.limits import GIB, MIB, Limits
from lifecycle.sandbox.outcome import Exited, Outcome, TimedOut
from lifecycle.toolchains import zig
from lifecycle.toolchains.conclusion import Run, conclude
from lifecycle.toolchains.diagnostics import (
    MAX_DIAGNOSTICS,
    MAX_MESSAGE_CHARS,
    MAX_TOTAL_CHARS,
    bounded,
    clean,
    last_words,
    parse_located,
)
from lifecycle.toolchains.results import CompileFailed, Diagnostic, Severity
from lifecycle.toolchains.rust_messages import diagnose
from lifecycle.toolchains.toolchain import Toolchain
from tests.toolchains.building import CRATE, Bench, messages

PACKAGE = SourcePackage(manifest_path="Cargo.toml", files={})


def remark(message: str, severity: Severity = "error", file: str | None = "a.c") -> Diagnostic:
    return Diagnostic(file, 1, 1, severity, message)


def ended(stdout: str = "", stderr: str = "", code: int = 1) -> Outcome:
    return Outcome(Exited(code), stdout.encode(), stderr.encode(), None, 1, sandboxed=True)


def test_c_errors_have_file_line_and_column(bench: Bench) -> None:
    files = {
        "main.c": '#include "part.h"\nint f(void) { return g(); }\n',
        "part.h": "int g(void)\n",
    }

    result = bench.failed("c", "main.c", files)

    first = result.diagnostics[0]
    assert (first.file, first.line, first.severity) == ("part.h", 1, "error")
    assert first.message == "expected ';' after top level declarator"


def test_a_missing_c_function_is_named_without_a_path_of_the_service(bench: Bench) -> None:
    result = bench.c("int g(int);\nint f(void) { return g(1); }\n")

    assert messages(result) == "main.o: undefined symbol: g"


def test_zig_errors_have_file_line_and_column(bench: Bench) -> None:
    result = bench.zig('export fn f() i32 {\n    const x: i32 = "no";\n    return x;\n}\n')

    first = result.diagnostics[0]
    assert (first.file, first.line, first.column, first.severity) == ("main.zig", 2, 20, "error")
    assert first.message == "expected type 'i32', found '*const [2:0]u8'"


def test_an_error_in_zigs_library_leads_to_the_authors_line(bench: Bench) -> None:
    result = bench.zig(
        'const std = @import("std");\nexport fn f() void {\n    std.debug.print("x", .{});\n}\n'
    )

    first = result.diagnostics[0]
    assert (first.file, first.line) == (None, None)
    assert first.message.startswith("lib/std/")
    assert Diagnostic("main.zig", 3, 20, "note", "used by f") in result.diagnostics


def test_wat_errors_have_file_line_and_column(bench: Bench) -> None:
    text = '(module\n  (func (export "f") (result i32)\n    i32.cnst 1))\n'

    result = bench.failed("wat", "deep/main.wat", {"deep/main.wat": text})

    assert result.diagnostics == (
        Diagnostic("deep/main.wat", 3, 5, "error", "unknown operator or unexpected token"),
    )


@pytest.mark.needs_rust
def test_rust_errors_keep_the_labels_and_the_notes(bench: Bench) -> None:
    result = bench.rust(
        "pub fn f() -> usize {\n    let s = String::new();\n    let t = s;\n    s.len()\n}\n"
    )

    first = next(found for found in result.diagnostics if found.severity == "error")
    assert (first.file, first.line, first.column) == ("src/lib.rs", 4, 5)
    heading, *more = first.message.splitlines()
    assert heading == "borrow of moved value: `s` [E0382]"
    assert "line 3: value moved here" in more
    assert "value borrowed here after move" in more
    assert "aborting due to" not in messages(result)


@pytest.mark.needs_rust
def test_an_unreadable_cargo_manifest_is_explained(bench: Bench) -> None:
    result = bench.failed("rust", "Cargo.toml", {"Cargo.toml": CRATE + "[bad", "src/lib.rs": ""})

    assert messages(result).startswith("failed to parse manifest at `Cargo.toml`")
    assert "line 8" in messages(result)
    [found] = result.diagnostics
    assert (found.file, found.line, found.column) == ("Cargo.toml", 8, 5)


@pytest.mark.needs_rust
def test_a_cargo_manifest_that_lacks_something_is_the_place(bench: Bench) -> None:
    files = {"Cargo.toml": "[package]\nversion = '0.1.0'\n", "src/lib.rs": ""}

    [found] = bench.failed("rust", "Cargo.toml", files).diagnostics

    assert (found.file, found.severity) == ("Cargo.toml", "error")
    assert "name" in found.message


@pytest.mark.needs_rust
def test_a_crate_that_makes_no_module_is_told_what_to_change(bench: Bench) -> None:
    files = {"Cargo.toml": CRATE.replace("cdylib", "rlib"), "src/lib.rs": "pub fn f() {}\n"}

    result = bench.failed("rust", "Cargo.toml", files)

    assert result.code == "compile_output_missing"
    assert "cdylib" in str(result.facts["hint"])


def test_text_of_the_author_arrives_as_text(bench: Bench) -> None:
    result = bench.c("#error \x1b[31mred\x1b[0m <script>alert(1)</script> \u202egnp.exe\n")

    message = result.diagnostics[0].message
    assert "\x1b" not in message
    assert "\u202e" not in message
    assert "<script>alert(1)</script>" in message


def test_control_characters_and_escape_sequences_are_removed() -> None:
    assert clean("a\x1b[31;1mb\x1b]0;title\x07c\x00d\x7fe\x9bf\r\n\tg") == "abcdef\n g"


def test_folders_of_the_sandbox_are_removed() -> None:
    text = "/sandbox/work/src/a.c and /sandbox/work/tmp/cache/o/1f/a.o and /sandbox/tools/zig/lib/x"

    assert clean(text) == "a.c and a.o and lib/x"


def test_a_long_message_is_cut() -> None:
    (only,) = bounded([remark("x" * 10_000)])

    assert len(only.message) == MAX_MESSAGE_CHARS
    assert only.message.endswith("…")


def test_many_remarks_are_cut_and_errors_go_first() -> None:
    many = [remark(f"w{number}", "warning") for number in range(300)]

    kept = bounded([*many, remark("the error")])

    assert len(kept) == MAX_DIAGNOSTICS
    assert kept[-1] == remark("the error")
    assert kept[0] == many[0]


def test_all_remarks_together_are_bounded() -> None:
    kept = bounded([remark("x" * MAX_MESSAGE_CHARS)] * 90)

    assert sum(len(found.message) for found in kept) <= MAX_TOTAL_CHARS


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("./a.c", "a.c"),
        ("src/../a.c", "a.c"),
        ("/sandbox/work/src/deep/a.c", "deep/a.c"),
        ("/usr/include/stdio.h", None),
        ("../../etc/passwd", None),
        ("<inline asm>", None),
        ("<built-in>", None),
    ],
)
def test_a_file_is_shown_by_its_path_in_the_package_or_not_at_all(
    written: str, shown: str | None
) -> None:
    (only,) = bounded([remark("bad", file=written)])

    assert only.file == shown


def test_a_linker_error_without_a_place_is_read() -> None:
    assert parse_located("wasm-ld: error: a.o: undefined symbol: g\nerror: two\n") == [
        Diagnostic(None, None, None, "error", "a.o: undefined symbol: g"),
        Diagnostic(None, None, None, "error", "two"),
    ]


def test_unknown_output_is_kept_as_it_ends() -> None:
    (only,) = last_words(ended(stderr="first\n" + "x" * 5_000 + "\nlast words"))

    assert only.message.endswith("last words")
    assert len(only.message) == MAX_MESSAGE_CHARS


def test_s29_a_crash_is_told_without_the_addresses_of_its_memory() -> None:
    frames = "0: librustc.so(+0x2b53dad)[0x7fc01a2b3c4d]\n/lib/libc.so(abort+0xd3) [0x7ffee]\n"
    said = f"error: boom\n{frames}end"

    (only,) = last_words(ended(stderr=said))

    assert only.message == "error: boom\nend"


def test_a_program_that_was_stopped_in_mid_sentence_has_no_last_words() -> None:
    stopped = Outcome(TimedOut(1), b"", b"Compiling", None, 1, sandboxed=True)

    assert last_words(stopped) == []
    assert last_words(ended(stderr="Finished", code=0)) == []


@pytest.mark.parametrize(
    "line",
    ["", "null", "[]", "{", '{"reason": "compiler-message"}', "[" * 5_000]
    + [
        '{"reason": "compiler-message", "message": ' + message + "}"
        for message in (
            "7",
            "{}",
            '{"message": 7, "level": "error"}',
            '{"message": "x", "level": "unheard"}',
            '{"message": "aborting due to 2 previous errors", "level": "error"}',
        )
    ],
)
def test_lines_of_cargo_that_are_no_message_are_passed_over(line: str) -> None:
    assert diagnose(ended(stdout=line), PACKAGE) == ()


def test_a_message_of_rustc_with_odd_parts_is_read_as_far_as_it_goes() -> None:
    line = (
        '{"reason": "compiler-message", "message": {"message": "bad", "level": "error",'
        ' "code": {"code": "E0001"}, "spans": [7, {"is_primary": true, "file_name": "src/lib.rs",'
        ' "line_start": "x", "column_start": 2, "label": "here",'
        ' "expansion": {"span": {"file_name": "src/m.rs", "line_start": 3, "column_start": 4}}}],'
        ' "children": [7, {"message": "try", "level": "help",'
        ' "spans": [{"suggested_replacement": "good"}]}]}}'
    )

    assert diagnose(ended(stdout=line), PACKAGE) == (
        Diagnostic("src/m.rs", 3, 4, "error", "bad [E0001]\nhere\nhelp: try: `good`"),
    )


@pytest.mark.parametrize(
    ("address_space", "tree", "said"),
    [(4 * GIB, 600 * MIB, 600 * MIB), (512 * MIB, 600 * MIB, 512 * MIB)],
)
def test_memory_that_the_compiler_was_refused_is_told_by_the_limit_that_applied(
    address_space: int, tree: int, said: int
) -> None:
    limits = Limits(address_space_bytes=address_space, tree_memory_bytes=tree)

    result = conclude(
        Run("zig", PACKAGE, limits),
        zig.LANGUAGE,
        Toolchain("0", "0" * 64, (), ("zig",)),
        ended(stderr="error: OutOfMemory\n"),
    )

    assert isinstance(result, CompileFailed)
    assert result.code == "compile_memory_exceeded"
    assert result.facts["limit_bytes"] == said
    assert f"{said} bytes" in describe(result.code, "source_files", dict(result.facts)).message
