"""A character that is not seen is shown by a sign; every other text is shown as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.protocol.signs import UNSEEN, first_unseen, signed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a\u27e8U+202E\u27e9b"),
        ("\u2066x\u2069", "\u27e8U+2066\u27e9x\u27e8U+2069\u27e9"),
        ("zero\u200bwidth", "zero\u27e8U+200B\u27e9width"),
        ("bell\x07", "bell\u27e8U+0007\u27e9"),
        ("tag\U000e0041", "tag\u27e8U+E0041\u27e9"),
        ("\ufeffmark", "\u27e8U+FEFF\u27e9mark"),
    ],
)
def test_a21_a_character_that_is_not_seen_is_shown_by_a_sign(text: str, shown: str) -> None:
    assert signed(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "tab\tand\nline\r\n",
        "\u4e16\u754c",
        "\u05e9\u05dc\u05d5\u05dd",
        "\u2764\ufe0f",
        "\u27e8U+202E\u27e9",
    ],
)
def test_what_is_seen_is_shown_as_it_is(text: str) -> None:
    assert signed(text) == text
    assert first_unseen(text) is None


def test_the_first_character_that_is_not_seen_is_named() -> None:
    assert first_unseen("a\u200db\u202e") == "U+200D"


@given(st.text())
def test_no_shown_text_holds_a_character_that_is_not_seen(text: str) -> None:
    assert UNSEEN.search(signed(text)) is None
    assert signed(signed(text)) == signed(text)
