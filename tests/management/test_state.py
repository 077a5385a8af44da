"""`state`."""

import pytest
from django.core.management import CommandError

from tests.management.calling import facts, said
from tests.service import decide, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db


def test_the_state_is_the_one_after_the_last_event() -> None:
    found_world()
    deploy("ada", wasm())
    install("ada", wasm(), "clock")

    printed = said("state", "demo")

    assert "world         demo, after event 6 of 6" in printed
    assert "  ada, at hub" in printed
    assert f"  {hash_of(wasm())}  " in printed
    assert "  clock 0.1.0  " in printed


def test_an_earlier_state_is_the_one_as_of_then() -> None:
    found_world()
    before = facts("state", "demo")
    decide("ada", "wait_ticks", ticks=5)

    then = facts("state", "demo", "--at", "4")

    assert (then["seq"], then["head_seq"]) == (4, 5)
    assert then["state_digest"] == before["state_digest"]
    assert then["state"]["tick"] == 0
    assert facts("state", "demo")["state"]["tick"] == 5


@pytest.mark.parametrize("seq", ["-1", "5"])
def test_a_place_outside_of_the_journal_is_refused_with_the_range(seq: str) -> None:
    found_world()

    with pytest.raises(CommandError, match="maximum 4"):
        said("state", "demo", f"--at={seq}")
