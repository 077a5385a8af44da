"""Writes the published test vectors of the hash chain: `python -m tests.codec.vectors FOLDER`."""

import json
import sys
from pathlib import Path

from lifecycle.codec.events import GENESIS_HASH, hash_event
from tests.codec.samples import chain

NOTE = "hash = SHA-256 of the UTF-8 bytes of canonical; prev_hash is the hash of the event before"


def document() -> str:
    """Give hash-chain.json."""
    events = [
        {"seq": seq, "hash": hash_event(encoded), "canonical": encoded.decode()}
        for seq, encoded in enumerate(chain(), 1)
    ]
    vectors = {"note": NOTE, "first_prev_hash": GENESIS_HASH, "events": events}
    return json.dumps(vectors, indent=2, ensure_ascii=False) + "\n"


def lines() -> str:
    """Give hash-chain.jsonl: the same canonical texts, one a line."""
    return "".join(encoded.decode() + "\n" for encoded in chain())


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "hash-chain.json").write_text(document(), encoding="utf-8")
    (folder / "hash-chain.jsonl").write_text(lines(), encoding="utf-8")
