"""What can be wrong with a journal, or with asking for one."""


class WorldNotFoundError(LookupError):
    """No world has this slug."""

    def __init__(self, slug: str) -> None:
        """Keep the slug that was asked for."""
        super().__init__(f"there is no world {slug!r}")
        self.slug = slug


class JournalBrokenError(Exception):
    """A journal is not what was once appended; `seq` is the first bad place.

    `code` is stable: the chain's own (``hash_mismatch``, ``prev_hash_mismatch``, ``missing``,
    ``column_mismatch``, ``unreadable``, ``head_mismatch``, ``past_head``) or one of `core.evolve`'s
    invariants.
    """

    def __init__(self, seq: int, code: str, reason: str) -> None:
        """Keep the place, the code and the sentence."""
        super().__init__(f"event {seq}: {reason} ({code})")
        self.seq = seq
        self.code = code
        self.reason = reason
