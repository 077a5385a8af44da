"""How much room a prompt has, counted in tokens that are estimated from the text.

What is put into the room, and what is left out, is not decided here.
"""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from lifecycle.core.values import Value

TokenEstimator: TypeAlias = Callable[[str], int]

# Digests, hexadecimal and base64: tokenizers that split digits take a token for each character.
_DENSE: Final = re.compile(r"[A-Za-z0-9+/]{24,}")
# Pieces of words, single signs and digits, runs of blanks and each line break; a single blank
# goes with the word behind it.
_PIECE: Final = re.compile(r"[A-Z]?[a-z]{1,4}|[A-Z]{1,4}|[^\sA-Za-z]|[ \t]{2,}|\n|\t")
# Characters of three and four bytes in UTF-8, which take more than one token where they are rare.
_WIDE: Final = re.compile(r"[^\x00-\u07ff]")


class Budget(Value):
    """The room of one model.

    Attributes:
        context_tokens: What the model can read and write together.
        reserved_tokens: What is kept free: for the answer, for tool definitions or a schema sent
            beside the messages, and for what is added to them during the turn.
    """

    context_tokens: int
    reserved_tokens: int = 0

    @property
    def available_tokens(self) -> int:
        """Tokens that the prompt's messages may take, never below 0."""
        return max(self.context_tokens - self.reserved_tokens, 0)


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a model reads a text as, rather too many than too few.

    Models differ, so this is no exact count; pass the model's own tokenizer where it is at hand.
    Beside the largest of four vocabularies (cl100k, o200k, Gemma 3 and one like Qwen's) it gave
    1.34 times as many tokens for English prose and Python, 1.2 to 1.3 times for C, Rust, Zig,
    WebAssembly text and compilers' messages, 1.3 times for JSON with digests, 1.0 to 1.1 times
    for hexadecimal and digits, and 1.6 times for Chinese. The usual fourth of the characters
    falls short by half or more on hexadecimal. Scripts that a vocabulary knows only as bytes can
    take up to one and a half times the estimate. It never exceeds the number of UTF-8 bytes.
    """
    dense = sum(map(len, _DENSE.findall(text)))
    rest = _DENSE.sub(" ", text) if dense else text
    wide = sum(2 if letter > "\uffff" else 1 for letter in _WIDE.findall(rest))
    return dense + len(_PIECE.findall(rest)) + wide
