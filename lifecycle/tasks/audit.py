"""The queue's entry points to checks and checkpoints."""

from lifecycle.usecases.check_jobs import run_check
from lifecycle.usecases.checkpoints import sign_due_world


def check(job_pk: int) -> str:
    """Run one check and return how it ended.

    Delivery is at least once: a check that has ended, or that another worker holds, is left alone.
    """
    return run_check(job_pk)


def checkpoint(world_pk: int) -> str:
    """Sign where a world stands and return what became of it.

    Delivery is at least once: a place is signed once.
    """
    return sign_due_world(world_pk)
