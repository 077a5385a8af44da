"""The queue's entry point to the turns of agents."""

from lifecycle.agents.runner import take_turn as _take_turn


def take_turn(run_pk: int) -> str:
    """Take one turn of a run and return what became of it.

    Delivery is at least once: a run whose turn another process is taking is left alone.
    """
    return _take_turn(run_pk)
