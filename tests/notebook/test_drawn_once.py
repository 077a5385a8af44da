"""What many ask for at once is drawn once; what failed is drawn again."""

import threading
import time

import pytest
from django.utils.safestring import SafeString

from lifecycle.notebook.drawn_once import DrawnOnce


def test_what_many_ask_for_at_once_is_drawn_once() -> None:
    drawn = DrawnOnce()
    times: list[int] = []
    got: list[str] = []

    def draw() -> SafeString:
        times.append(1)
        time.sleep(0.1)
        return SafeString("part")

    asking = [threading.Thread(target=lambda: got.append(drawn.get("a", draw))) for _ in range(8)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()

    assert (len(times), got) == (1, ["part"] * 8)


def test_another_key_is_drawn_anew_and_the_last_ones_are_kept() -> None:
    drawn = DrawnOnce(kept=2)
    for key in "abc":
        drawn.get(key, lambda: SafeString("first"))

    assert drawn.get("c", lambda: SafeString("again")) == "first"
    assert drawn.get("a", lambda: SafeString("again")) == "again", "the oldest was let go"


def test_a_part_is_drawn_again_once_it_is_old() -> None:
    drawn = DrawnOnce(fresh_seconds=0)
    drawn.get("a", lambda: SafeString("first"))
    time.sleep(0.01)

    assert drawn.get("a", lambda: SafeString("again")) == "again"


def test_a_failure_is_told_and_kept_for_nobody() -> None:
    drawn = DrawnOnce()

    def fail() -> SafeString:
        raise LookupError

    with pytest.raises(LookupError):
        drawn.get("a", fail)
    assert drawn.get("a", lambda: SafeString("part")) == "part"
