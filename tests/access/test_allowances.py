"""Allowances: used up at once, back one by one, and one count over many threads."""

import threading

import pytest
from django.db import connection

from lifecycle.access.allowances import Rate, forget_full, give_back, take, wait_of
from lifecycle.models.teams import Allowance

NOW = 1_700_000_000_000
THREE = Rate("tests", 3, 60)


@pytest.mark.django_db
def test_so_many_may_come_at_once_and_the_next_is_told_how_long_to_wait() -> None:
    assert [take(THREE, "eve", now_ms=NOW) for _ in range(5)] == [0, 0, 0, 20_000, 20_000]


@pytest.mark.django_db
def test_one_comes_back_at_a_time() -> None:
    for _ in range(3):
        take(THREE, "eve", now_ms=NOW)

    assert take(THREE, "eve", now_ms=NOW + 19_999) == 1
    assert take(THREE, "eve", now_ms=NOW + 20_000) == 0
    assert take(THREE, "eve", now_ms=NOW + 20_000) == 20_000
    assert [take(THREE, "eve", now_ms=NOW + 200_000) for _ in range(4)] == [0, 0, 0, 20_000]


@pytest.mark.django_db
def test_others_and_other_rates_are_counted_by_themselves() -> None:
    for _ in range(3):
        take(THREE, "eve", now_ms=NOW)

    assert take(THREE, "ben", now_ms=NOW) == 0
    assert take(THREE._replace(name="others"), "eve", now_ms=NOW) == 0


@pytest.mark.django_db
def test_what_is_given_back_can_be_taken_again() -> None:
    for _ in range(3):
        take(THREE, "eve", now_ms=NOW)
    give_back(THREE, "eve")

    assert wait_of(THREE, "eve", now_ms=NOW) == 0
    assert take(THREE, "eve", now_ms=NOW) == 0
    assert take(THREE, "eve", now_ms=NOW) > 0


@pytest.mark.django_db
def test_names_are_stored_as_digests_and_forgotten_when_they_count_no_more() -> None:
    take(THREE, "eve", now_ms=NOW)
    assert "eve" not in str(Allowance.objects.values().get())

    assert forget_full(now_ms=NOW + 20_000) == 0
    assert forget_full(now_ms=NOW + 20_001) == 1
    assert not Allowance.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_take_no_more_than_there_are() -> None:
    rate = Rate("tests", 10, 3600)
    start = threading.Barrier(8)
    granted: list[int] = []

    def work() -> None:
        try:
            start.wait()
            granted.extend(1 for _ in range(5) if not take(rate, "eve", now_ms=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(granted) == 10
