"""Files that are no export: refused, and no row of any table is left of them."""

import base64
import io
from itertools import pairwise
from typing import NamedTuple

import pytest

from lifecycle.codec.canonical import canonical_bytes
from lifecycle.models.worlds import World
from lifecycle.usecases.errors import MalformedIdError
from lifecycle.usecases.importing import ImportRefusedError, import_world
from tests.usecases.forging import (
    Entry,
    content_of,
    events_in,
    lines_of,
    refusal_of,
    take_apart,
    without,
)
from tests.usecases.histories import exported, varied_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_world_to_export() -> None:
    varied_world()


def test_e19_a_missing_event_is_refused_wherever_it_was() -> None:
    for seq, number in enumerate(events_in(lines_of()), 1):
        refused = refusal_of(io.BytesIO(without(number)))

        # Behind the missing event stands the next one, content of the next one, or the end.
        assert refused.code in {"missing", "unknown_line", "end_mismatch", "world_not_created"}
        assert refused.seq in {seq, None}


def test_e19_events_out_of_order_are_refused() -> None:
    places = events_in(lines_of())
    for seq, (first, second) in enumerate(pairwise(places), 1):
        lines = lines_of()
        lines[first], lines[second] = lines[second], lines[first]

        refused = refusal_of(io.BytesIO(b"".join(lines)))

        assert refused.seq == seq
        assert refused.code in {"missing", "unreadable", "world_not_created"}


def test_e19_an_event_that_comes_twice_is_refused() -> None:
    for seq, number in enumerate(events_in(lines_of()), 1):
        lines = lines_of()
        lines.insert(number, lines[number])

        refused = refusal_of(io.BytesIO(b"".join(lines)))

        assert (refused.seq, refused.code) == (seq + 1, "missing")


def test_missing_content_is_refused_although_this_service_has_it() -> None:
    for number, line in enumerate(lines_of()):
        if line.startswith(b'{"content":'):
            refused = refusal_of(io.BytesIO(without(number)))

            assert refused.code in {"hash_mismatch", "content_missing"}
            assert refused.seq is not None


def test_e23_one_changed_byte_anywhere_is_refused() -> None:
    original = exported()
    for place in range(0, len(original), max(1, len(original) // 300)):
        changed = bytearray(original)
        changed[place] ^= 1

        with pytest.raises((ImportRefusedError, MalformedIdError)):
            import_world(io.BytesIO(bytes(changed)), as_slug="copy")

        assert not World.objects.filter(slug="copy").exists()


def test_a_file_cut_off_anywhere_is_refused() -> None:
    original = exported()
    for length in range(0, len(original), max(1, len(original) // 40)):
        refused = refusal_of(io.BytesIO(original[:length]))

        assert refused.code in {"truncated", "unreadable", "not_an_export"}


def test_a_file_without_its_last_newline_is_refused() -> None:
    assert refusal_of(io.BytesIO(exported()[:-1])).code == "truncated"


class GiantLine(io.BytesIO):
    """A file of one line that never ends, without the memory to hold it."""

    def __init__(self, start: bytes) -> None:
        super().__init__()
        self._start = start

    def readline(self, size: int | None = -1, /) -> bytes:
        start, self._start = self._start, b""
        return start or b"x" * min(size or 0, 1024 * 1024)


def test_a_line_that_does_not_end_is_refused() -> None:
    with pytest.raises(ImportRefusedError) as caught:
        import_world(GiantLine(lines_of()[0]), as_slug="copy")

    assert (caught.value.code, caught.value.line) == ("truncated", 2)


class Parts(NamedTuple):
    """An export, cut around its first content."""

    header: bytes
    before: bytes
    content: bytes
    after: bytes
    end: bytes

    @property
    def events(self) -> bytes:
        """All between the header and the end."""
        return self.before + self.content + self.after

    def around(self, line: bytes) -> bytes:
        """Give the file with other lines in the place of its first content."""
        return self.header + self.before + line + self.after + self.end


def parts() -> Parts:
    """Cut the export."""
    header, *middle, end = lines_of()
    number = next(i for i, line in enumerate(middle) if line.startswith(b'{"content":'))
    before, after = b"".join(middle[:number]), b"".join(middle[number + 1 :])
    return Parts(header, before, middle[number], after, end)


def spoilt_headers() -> dict[str, tuple[bytes, str]]:
    """Give files with a wrong first line each, and the code of the refusal."""
    cut = parts()
    header, events, end = cut.header, cut.events, cut.end
    return {
        "nothing": (b"", "unreadable"),
        "another format": (
            header.replace(b"worldsim-export", b"other") + events + end,
            "not_an_export",
        ),
        "a later version": (
            header.replace(b'"version":1', b'"version":2') + events + end,
            "not_an_export",
        ),
        "a version that is true": (
            header.replace(b'"version":1', b'"version":true') + events + end,
            "end_mismatch",
        ),
        "a header of another head": (
            header.replace(b'"head_seq":', b'"head_seq":1') + events + end,
            "end_mismatch",
        ),
        "a header with more": (
            header.replace(b'"format"', b'"a":1,"format"') + events + end,
            "end_mismatch",
        ),
    }


def spoilt_ends() -> dict[str, tuple[bytes, str]]:
    """Give files with a wrong end each."""
    cut = parts()
    header, events, end = cut.header, cut.events, cut.end
    return {
        "an end of another count": (
            header + events + end.replace(b'"events":', b'"events":1'),
            "end_mismatch",
        ),
        "an end of another state": (
            header + events + b'{"end":{"events":1,"state_digest":"x"}}\n',
            "end_mismatch",
        ),
        "an end with more": (
            header + events + end.replace(b'{"end"', b'{"a":1,"end"'),
            "unknown_line",
        ),
        "lines after the end": (header + events + end + end, "unknown_line"),
        "an end at once": (header + end, "end_mismatch"),
        "content at the very end": (
            header + events + line_of(content_of(b"x")) + end,
            "unknown_line",
        ),
    }


def spoilt_lines() -> dict[str, tuple[bytes, str]]:
    """Give files with one wrong line each between first and last."""
    around, content = parts().around, parts().content
    return {
        "an unknown line": (around(b'{"other":1}\n'), "unknown_line"),
        "a list": (around(b"[]\n"), "unreadable"),
        "an empty line": (around(b"\n"), "unreadable"),
        "no JSON": (around(b"{\n"), "unreadable"),
        "white space": (around(content.replace(b":", b": ", 1)), "unreadable"),
        "a carriage return": (around(content.replace(b"\n", b"\r\n")), "unreadable"),
        "deep nesting": (around(b"[" * 900 + b"]" * 900 + b"\n"), "unreadable"),
    }


def spoilt_content() -> dict[str, tuple[bytes, str]]:
    """Give files with wrong content each."""
    around, content = parts().around, parts().content
    return {
        "content that nothing names": (
            around(line_of(content_of(b"stowaway")) + content),
            "unknown_line",
        ),
        "content twice": (around(content + content), "unreadable"),
        "content with more": (
            around(content.replace(b'{"base64"', b'{"a":1,"base64"')),
            "unreadable",
        ),
        "content beside more": (
            around(content.replace(b'{"content"', b'{"a":1,"content"')),
            "unknown_line",
        ),
        "content without a length": (
            around(b'{"content":{"base64":"","digest":""}}\n'),
            "unreadable",
        ),
        "content of another length": (
            around(content.replace(b'"bytes_len":', b'"bytes_len":1')),
            "hash_mismatch",
        ),
        "content that is no base64": (
            around(content.replace(b'"base64":"', b'"base64":"!')),
            "unreadable",
        ),
    }


def line_of(entry: Entry) -> bytes:
    """Write one line."""
    return canonical_bytes(entry) + b"\n"


def test_wrong_lines_are_refused() -> None:
    files = spoilt_headers() | spoilt_ends() | spoilt_lines() | spoilt_content()

    found = {name: refusal_of(io.BytesIO(source)).code for name, (source, _) in files.items()}

    assert found == {name: code for name, (_, code) in files.items()}


def test_base64_has_one_spelling() -> None:
    source = exported()
    [first, *_] = [c for c in take_apart().contents() if c["base64"].endswith("=")]
    padded = first["base64"].rstrip("=")
    other = padded[:-1] + chr(ord(padded[-1]) + 1) + "=" * (len(first["base64"]) - len(padded))
    assert base64.b64decode(other) == base64.b64decode(first["base64"])

    refused = refusal_of(io.BytesIO(source.replace(first["base64"].encode(), other.encode())))

    assert refused.code == "unreadable"
