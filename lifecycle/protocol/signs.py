"""Signs in the place of characters that are not seen, and make a text look like another one.

Controls, bidirectional ones among them, what has no width, and letters that draw nothing. What is
shown to people passes through here; what a program reads stays as it is. The notebook's scripts
have the same list, in `static/notebook/signs.js`.
"""

import re
from typing import Final

# As in a character class of a regular expression. Line ends, tabs, and the selector that follows
# an emoji are no disguise; the joiner within one is shown all the same.
_UNSEEN_CLASS: Final = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
UNSEEN: Final = re.compile(f"[{_UNSEEN_CLASS}]")


def signed(text: str) -> str:
    """Put a sign in the place of each character that is not seen, such as ⟨U+202E⟩."""
    return UNSEEN.sub(_sign, text)


def first_unseen(text: str) -> str | None:
    """Name the first character that is not seen, such as U+202E."""
    found = UNSEEN.search(text)
    return None if found is None else _name(found[0])


def _sign(found: re.Match[str]) -> str:
    return (
        f"\N{MATHEMATICAL LEFT ANGLE BRACKET}{_name(found[0])}\N{MATHEMATICAL RIGHT ANGLE BRACKET}"
    )


def _name(letter: str) -> str:
    return f"U+{ord(letter):04X}"
