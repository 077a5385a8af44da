"""What a compiler says while it runs is in its job's row, fit to be shown, and gone afterwards."""

import pytest

from lifecycle.models.jobs import JobState
from tests.programs import eventually
from tests.queue.conftest import StartWorker
from tests.queue.workers import ask_for_slow_compile, state_of
from tests.service import found_world

pytestmark = pytest.mark.django_db(transaction=True)
_SAYS = "compiling /sandbox/work/src/main.c\n\x1b[31mred\x1b[0m <b>bold</b>\n10%\r50%\r90%\n"


def test_a19_the_last_words_of_a_running_compiler_are_shown_cleaned(
    start_worker: StartWorker,
) -> None:
    found_world()
    start_worker()
    job = ask_for_slow_compile(4, says=_SAYS)

    def speaks() -> bool:
        job.refresh_from_db()
        return bool(job.log_tail)

    assert eventually(speaks, 180)
    assert job.log_tail == "compiling main.c\nred <b>bold</b>\n90%"
    said_at = job.said_at
    assert eventually(lambda: state_of(job) == JobState.SUCCEEDED)
    assert job.log_tail == ""
    assert job.said_at == said_at, "what was said once is not said anew each second"
