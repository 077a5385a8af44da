"""Room on the disk that is kept back, so that a full disk does not keep the store from opening.

SQLite needs a few kilobytes beside its file even to read it after a start.
"""

import os
import shutil
from pathlib import Path
from typing import Final

from django.conf import settings

_RESERVE_BYTES: Final = 4 * 1024 * 1024
# Nothing is kept back where it would be felt.
_PLENTY_BYTES: Final = 16 * _RESERVE_BYTES


def keep_reserve() -> None:
    """Keep some room back, unless that is done, or the disk is nearly full already."""
    path = _path()
    if path.exists() or shutil.disk_usage(path.parent).free < _PLENTY_BYTES:
        return
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, _RESERVE_BYTES)


def give_up_reserve() -> bool:
    """Free the room that was kept back; `False` where none was."""
    try:
        _path().unlink()
    except FileNotFoundError:
        return False
    return True


def _path() -> Path:
    folder: Path = settings.ENVIRONMENT.data
    return folder / "reserve"
