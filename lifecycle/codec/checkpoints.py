"""What a checkpoint says, as the text of a signed note: one line of canonical JSON.

Who signed it, and whether a journal extends it, is not judged here.
"""

from typing import Annotated, Literal

import msgspec

from lifecycle.codec.canonical import canonical_bytes
from lifecycle.codec.notes import NoteFormatError

_Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class CheckpointText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place of a journal: its hash covers every event up to it.

    `world_id` is the id in the world's first event; `world` is only what it was called.
    """

    world_id: str
    world: str
    seq: Annotated[int, msgspec.Meta(ge=1)]
    head_hash: _Digest
    state_digest: _Digest
    made_at: str
    format: Literal["worldsim-checkpoint"] = "worldsim-checkpoint"
    version: Literal[1] = 1

    def encode(self) -> str:
        """Give the text that is signed."""
        return canonical_bytes(msgspec.structs.asdict(self)).decode() + "\n"


def parse_checkpoint(text: str) -> CheckpointText:
    """Read the text of a note.

    Raises:
        NoteFormatError: it is no checkpoint of this version.
    """
    try:
        checkpoint = msgspec.json.decode(text, type=CheckpointText)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise NoteFormatError("the text is no checkpoint of version 1") from error
    if checkpoint.encode() != text:
        raise NoteFormatError("the text is not in canonical form")
    return checkpoint
