"""The secret key of an installation that was given none: made once, readable by its owner only."""

import os
import secrets
from pathlib import Path


def secret_key_in(folder: Path) -> str:
    """Read the key kept in a folder, making folder and key where they are missing.

    Two processes that start together agree on one key: the file appears whole or not at all.
    """
    path = folder / "secret-key"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".secret-key-{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was first; its key is the key
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
