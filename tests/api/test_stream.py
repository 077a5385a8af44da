"""A world's stream, read from the real server: every event once, in order, without a hole."""

import json
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from lifecycle.journal.store import get_head
from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import Role
from lifecycle.usecases.compile import claim
from tests.api.speaking import agent
from tests.notebook.people import browser_of, send
from tests.service import compile_source, decide, found_world
from tests.serving import Reader, Web, bearer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Give a web server on the tests' database."""
    del django_db_setup
    started = Web(tmp_path_factory.mktemp("web"))
    yield started
    started.running.make_sure_it_is_gone()


@pytest.fixture
def tokens() -> dict[str, str]:
    """Found the worlds; give the tokens of their agents."""
    return {**found_world("demo", "ada", "bob"), **found_world("other", "eve")}


@pytest.fixture
def ada(tokens: dict[str, str]) -> dict[str, str]:
    """Give Ada's header."""
    return bearer(tokens["ada"])


def head() -> int:
    return get_head("demo").seq


def test_an_event_comes_within_a_second_as_the_list_of_events_gives_it(
    web: Web, tokens: dict[str, str]
) -> None:
    with Reader(web.port, bearer(tokens["ada"])) as stream:
        assert stream.take("ready").data == {"world": "demo", "after": 4, "head_seq": 4}
        decide("bob", "wait")
        began_s = time.monotonic()
        told = stream.take("journal")

        assert time.monotonic() - began_s < 1
    listed = agent(tokens["bob"]).get("events/?after=4").json["events"]
    assert told.id == "5"
    assert [told.data] == listed


def test_the_answer_is_one_that_nothing_on_the_way_keeps(web: Web, ada: dict[str, str]) -> None:
    with Reader(web.port, ada) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-content-type-options"] == "nosniff"
        assert "content-length" not in stream.headers


def test_who_comes_back_is_sent_what_was_missed_and_then_what_happens(
    web: Web, ada: dict[str, str]
) -> None:
    with Reader(web.port, ada) as stream:
        decide("bob", "wait")
        last = stream.take("journal").id
    for _ in range(3):
        decide("bob", "wait")

    with Reader(web.port, {**ada, "Last-Event-ID": str(last)}, query="?after=1") as again:
        missed = again.events(3)
        decide("ada", "wait")
        [new] = again.events(1)

    assert [told.id for told in [*missed, new]] == ["6", "7", "8", "9"]


def test_a_place_may_be_given_in_the_address(web: Web, ada: dict[str, str]) -> None:
    with Reader(web.port, ada, query="?after=0") as stream:
        assert [told.data["seq"] for told in stream.events(4)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("last_id", "reason"),
    [
        ("abc", "malformed_last_event_id"),
        ("-1", "malformed_last_event_id"),
        ("4.0", "malformed_last_event_id"),
        ("9" * 30, "malformed_last_event_id"),
        ("999", "ahead_of_the_journal"),
    ],
)
def test_a15_a_last_id_that_is_none_of_this_world_is_answered_by_a_reset(
    web: Web, ada: dict[str, str], last_id: str, reason: str
) -> None:
    with Reader(web.port, {**ada, "Last-Event-ID": last_id}) as stream:
        first = stream.next()
        decide("bob", "wait")
        [new] = stream.events(1)

    assert first is not None
    assert first == ("reset", "4", {"reason": reason, "head_seq": 4})
    assert new.id == "5"


def test_a15_a_last_id_too_far_back_is_answered_by_a_reset_and_the_last_that_is_not_by_events(
    web: Web, ada: dict[str, str]
) -> None:
    with transaction.atomic():
        for _ in range(1001):
            decide("bob", "wait")

    with Reader(web.port, {**ada, "Last-Event-ID": "4"}) as stream:
        first = stream.next()
    with Reader(web.port, {**ada, "Last-Event-ID": "5"}) as stream:
        all_of_them = stream.events(1000)

    assert first == ("reset", "1005", {"reason": "too_far_behind", "head_seq": 1005})
    assert [int(told.id or 0) for told in all_of_them] == list(range(6, 1006))


def test_a15_a_journal_that_was_put_back_resets_who_is_ahead_of_it(
    web: Web, ada: dict[str, str]
) -> None:
    decide("bob", "wait")
    with Reader(web.port, ada) as stream:
        stream.take("ready")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE lifecycle_journalhead SET seq = 4 WHERE seq = 5")
        told = stream.take("reset")

    assert told.data == {"reason": "ahead_of_the_journal", "head_seq": 4}


def test_a_malformed_place_in_the_address_is_refused_by_name(web: Web, ada: dict[str, str]) -> None:
    with Reader(web.port, ada, query="?after=x") as stream:
        problem = json.loads(stream.rest())

    assert stream.status == 400
    assert (problem["code"], problem["field"]) == ("invalid_parameter", "after")


def test_e07_events_of_writers_that_race_come_in_order_and_none_is_left_out(
    web: Web, ada: dict[str, str]
) -> None:
    def write() -> None:
        try:
            for _ in range(25):
                decide("bob", "wait")
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    with Reader(web.port, ada) as stream:
        stream.take("ready")
        for writer in writers:
            writer.start()
        with Reader(web.port, ada, query="?after=4") as late:
            seqs = [told.data["seq"] for told in stream.events(100)]
            late_seqs = [told.data["seq"] for told in late.events(100)]
        for writer in writers:
            writer.join()

    assert seqs == late_seqs == list(range(5, 105))


def test_e07_a_hole_in_the_journal_ends_the_stream_and_is_never_passed(
    web: Web, ada: dict[str, str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lifecycle_journalhead SET seq = 9 WHERE seq = 4")

    with Reader(web.port, ada, query="?after=2") as stream:
        assert [told.id for told in stream.events(2)] == ["3", "4"]
        assert stream.take("end").data == {"reason": "journal_broken"}
        assert stream.next() is None


def test_what_is_no_event_is_told_as_a_change(web: Web, ada: dict[str, str]) -> None:
    eve = browser_of("eve", Role.OPERATOR)
    compile_source("ada", "clock", "clock.wat", {"clock.wat": "(module)"})
    with Reader(web.port, ada) as stream:
        stream.take("ready")
        send(eve, "{")
        malformed = stream.take("changed")
        claim(CompileJob.objects.get().pk)
        started = stream.take("changed")

    assert malformed == ("changed", None, {"parts": ["decisions"], "head_seq": head()})
    assert started.data["parts"] == ["compiles"]


def test_two_web_servers_tell_the_same(
    web: Web, tmp_path_factory: pytest.TempPathFactory, ada: dict[str, str]
) -> None:
    second = Web(tmp_path_factory.mktemp("second"))
    try:
        with Reader(web.port, ada) as here, Reader(second.port, ada) as there:
            here.take("ready")
            there.take("ready")
            decide("bob", "wait")

            assert here.take("journal") == there.take("journal")
    finally:
        second.running.make_sure_it_is_gone()


def test_a_world_tells_nothing_of_another(web: Web, tokens: dict[str, str]) -> None:
    with Reader(web.port, bearer(tokens["eve"]), world="other") as stream:
        stream.take("ready")
        decide("ada", "wait")
        decide("eve", "wait", world="other")
        told = stream.take("journal")

    assert told.data["payload"]["agent_id"] == "eve"
