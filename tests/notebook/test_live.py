"""The live part: 204 at the price of one query while nothing changed, anew as soon as it did."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lifecycle.models.decisions import Decision
from lifecycle.models.jobs import CompileJob
from lifecycle.models.projections import Artifact
from lifecycle.models.worlds import Membership, Role
from lifecycle.usecases.compile import claim, renew, run_job
from tests.notebook.people import GOOD_WAT, browser_of, run_compiles, send, text_of
from tests.service import compile_source, decide, deploy, found_world, install, wasm

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    found_world()
    return browser_of("eve", Role.OPERATOR)


def poll(client: Client, version: str = "") -> Any:  # noqa: ANN401 - Django's test response
    return client.get("/worlds/demo/live/", {"v": version})


def version_now(client: Client) -> str:
    version: str = client.get("/worlds/demo/").context["version"]
    return version


def changed_by(client: Client, change: Any) -> bool:  # noqa: ANN401 - any callable
    version = version_now(client)
    assert poll(client, version).status_code == 204
    change()
    return bool(poll(client, version).status_code == 200)


def test_while_nothing_changed_a_poll_has_no_body(client: Client) -> None:
    answer = poll(client, version_now(client))

    assert (answer.status_code, answer.content) == (204, b"")


def test_a_poll_that_finds_no_change_asks_the_world_once(client: Client) -> None:
    version = version_now(client)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        poll(client, version)

    asked = [query["sql"] for query in captured if "lifecycle_" in query["sql"]]
    assert len(asked) == 1


def test_a_decision_shows(client: Client) -> None:
    assert changed_by(client, lambda: decide("ada", "wait"))


def test_a_decision_that_changes_nothing_shows_too(client: Client) -> None:
    deploy("ada", wasm())

    assert changed_by(client, lambda: deploy("ada", wasm()))


def test_a_text_that_is_no_decision_shows_too(client: Client) -> None:
    assert changed_by(client, lambda: send(client, "{"))


def test_a_compile_shows_as_it_is_queued_runs_and_ends(client: Client) -> None:
    asked = changed_by(
        client, lambda: compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    )
    job = CompileJob.objects.get()
    started = changed_by(client, lambda: claim(job.pk))
    running = text_of(poll(client))
    CompileJob.objects.update(state="queued", lease_token=None)
    ended = changed_by(client, lambda: run_job(job.pk))

    assert (asked, started, ended) == (True, True, True)
    assert "<progress" in running
    assert "<progress" not in text_of(poll(client))


def test_a19_what_a_running_compiler_says_shows_as_text(client: Client) -> None:
    compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    lease = claim(CompileJob.objects.get().pk)
    assert lease is not None

    said = changed_by(client, lambda: renew(lease, "#error <script>alert(1)</script>"))
    silent = changed_by(client, lambda: renew(lease, "#error <script>alert(1)</script>"))
    page = text_of(poll(client))

    assert (said, silent) == (True, False)
    assert "#error &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_what_happens_in_another_world_does_not_show(client: Client) -> None:
    found_world("theirs")

    assert not changed_by(client, lambda: decide("ada", "wait", world="theirs"))


def test_the_place_in_the_queue_counts_the_jobs_of_all_worlds(client: Client) -> None:
    found_world("theirs")
    source = {"clock.wat": GOOD_WAT}
    compile_source("ada", "clock", "clock.wat", source, world="theirs")
    compile_source("ada", "clock", "clock.wat", source)

    first = text_of(poll(client))
    left = changed_by(client, lambda: claim(CompileJob.objects.order_by("pk")[0].pk))

    assert "Place 2 in the queue" in first
    assert left
    assert "Next in the queue" in text_of(poll(client))


def test_a17_a_poll_without_a_session_is_401_and_leads_the_page_nowhere(client: Client) -> None:
    client.logout()

    answer = poll(client)

    assert (answer.status_code, answer.content) == (401, b"")
    assert "HX-Redirect" not in answer.headers


def test_who_is_no_member_any_more_sees_no_more(client: Client) -> None:
    version = version_now(client)
    Membership.objects.all().delete()

    assert poll(client, version).status_code == 404


@pytest.mark.parametrize("again", [False, True])
def test_a25_a_cell_on_the_page_tells_what_its_artifact_is_installed_as_now(
    client: Client, *, again: bool
) -> None:
    compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    run_compiles()
    if again:
        # Bytes that ada owns already are published by this cell all the same.
        compile_source("ada", "watch", "watch.wat", {"watch.wat": GOOD_WAT})
        run_compiles()
    made = Artifact.objects.get().wasm_hash
    deploy("ada", wasm())
    cell = Decision.objects.filter(kind="compile_module_artifact_from_source").latest("pk")

    def redrawn_by(change: Any) -> str:  # noqa: ANN401 - any callable
        page = client.get("/worlds/demo/").context
        change()
        shown = {name: page[name] for name in ("oldest", "newest")}
        parts = text_of(client.get("/worlds/demo/live/", {"v": page["version"], **shown}))
        _, _, part = parts.partition(f'id="cell-{cell.decision_id}"')
        return part.partition("</article>")[0]

    installed = redrawn_by(
        lambda: decide("ada", "install_module_from_artifact", module_id="lamp", wasm_hash=made)
    )
    replaced = redrawn_by(lambda: install("ada", wasm(), "lamp"))
    other = redrawn_by(lambda: decide("ada", "wait"))

    assert "lamp 0.1.0" in installed
    assert "installed as nothing now" in replaced
    assert other == ""


@pytest.mark.parametrize("first", [Role.OPERATOR, Role.VIEWER])
def test_what_is_drawn_once_for_many_is_drawn_apart_for_who_may_act(
    client: Client, first: Role
) -> None:
    """Both ask for the same within the moment in which a drawn part is kept."""
    decide("ada", "wait")
    browsers = {Role.OPERATOR: client, Role.VIEWER: browser_of("vic", Role.VIEWER)}
    second = next(role for role in browsers if role is not first)

    drawn = {role: text_of(poll(browsers[role])) for role in (first, second)}

    repeats = f'?from={Decision.objects.get().decision_id}#new"'
    assert repeats in drawn[Role.OPERATOR]
    assert repeats not in drawn[Role.VIEWER]
    assert Decision.objects.get().decision_id in drawn[Role.VIEWER]
