"""The end of what a running compiler has said: the last lines, for people, of both streams."""

import pytest

from lifecycle.sandbox.supervision import Said
from lifecycle.toolchains.log_tail import MAX_LINE_CHARS, MAX_LINES, log_tail


def tail(stdout: bytes = b"", stderr: bytes = b"") -> str:
    return log_tail(Said(stdout, stderr))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"", ""),
        (b"\n\n \n", ""),
        (b"one\ntwo", "one\ntwo"),
        (b"one\r\ntwo\r\n", "one\ntwo"),
        (b"10%\r20%\r30%", "30%"),
        (b"\x1b[1mbold\x1b[0m\x07\x00", "bold"),
        (b"/sandbox/work/src/a.c:1: x", "a.c:1: x"),
        (b"abc \xff\xfe", "abc \ufffd\ufffd"),
        ("a\u202eb\u2066c".encode(), "abc"),
        (b'{"reason":"compiler-artifact"}\nCompiling', "Compiling"),
    ],
)
def test_a_line_is_shown_as_a_person_would_read_it(said: bytes, shown: str) -> None:
    assert tail(stderr=said) == shown


def test_both_streams_are_shown() -> None:
    assert tail(b"out\n", b"err\n") == "out\nerr"


def test_lines_are_the_last_ones_and_short() -> None:
    many = b"".join(b"%d\n" % number for number in range(1000))

    shown = tail(many + b"x" * 5000).splitlines()

    assert len(shown) == MAX_LINES
    assert shown[0] == str(1000 - MAX_LINES + 1)
    assert shown[-1] == "x" * (MAX_LINE_CHARS - 1) + "…"
