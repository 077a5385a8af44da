"""The queue's entry point to rebuilding."""

from lifecycle.usecases.rebuilds import run_rebuild


def rebuild_artifact(rebuild_pk: int) -> str:
    """Compile an artifact's sources again and return how that ended.

    Delivery is at least once: a rebuild that has ended, or that another worker holds, is left
    alone.
    """
    return run_rebuild(rebuild_pk)
