"""Pages of runs: who may start and stop one, what its turns show, where a decision came from."""

import re

import pytest
from django.utils.html import escape
from pytest_django.fixtures import Settings

from lifecycle.agents.runner import take_turn
from lifecycle.models.decisions import Decision
from lifecycle.models.runs import AgentRun, AgentTurn
from lifecycle.models.worlds import Role
from lifecycle.usecases.run_requests import RunRequest
from lifecycle.usecases.runs import claim_turn, start_run
from lifecycle.usecases.turns import get_prompt
from tests.journal.tampering import tamper
from tests.notebook.people import Page, browser_of, text_of
from tests.scripted_model.answers import Answer, call, text
from tests.scripted_model.faulty_replies import server_error
from tests.scripted_model.server import ScriptedModel
from tests.service import found_world

pytestmark = pytest.mark.django_db
RUNS = "/worlds/demo/runs/"
HOSTILE = "<script>alert(1)</script>"


def form(**fields: str) -> dict[str, str]:
    """Fill the form that starts a run."""
    given = {"agent_id": "ada", "model": "scripted", "dialect": "tools", "turns": "2", "goal": ""}
    return {**given, **fields}


def offer(settings: Settings, base_url: str) -> None:
    """Let an operator offer one model."""
    changes = {"models": f"scripted={base_url}"}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=changes)


@pytest.fixture
def offered(settings: Settings) -> None:
    """Offer one model, at an address where nobody listens."""
    found_world()
    offer(settings, "http://127.0.0.1:9/v1")


@pytest.mark.usefixtures("offered")
def test_a_maintainer_starts_a_run_and_lands_on_its_page() -> None:
    client = browser_of("eve", Role.MAINTAINER)

    answer = client.post(RUNS, form(goal="Build a clock."))

    run = AgentRun.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{RUNS}{run.run_id}/")
    assert (run.account, run.base_url, run.turns_wanted) == ("eve", "http://127.0.0.1:9/v1", 2)
    page = text_of(client.get(answer.headers["Location"]))
    assert "Build a clock." in page
    assert "No turn yet" in page


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR, Role.OPERATOR])
def test_another_role_sees_runs_and_starts_none(role: Role) -> None:
    browser_of("eve", Role.MAINTAINER).post(RUNS, form())
    run = AgentRun.objects.get()
    client = browser_of("mallory", role)

    assert client.post(RUNS, form()).status_code == 403
    assert client.post(f"{RUNS}{run.run_id}/").status_code == 403
    assert "Start a run" not in text_of(client.get(RUNS))
    assert client.get(f"{RUNS}{run.run_id}/").status_code == 200
    assert AgentRun.objects.get().state == "running"


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model": "http://10.0.0.1/v1"}, "model_not_offered"),
        ({"agent_id": "nobody"}, "agent_not_found"),
        ({"agent_id": "\0"}, "agent_not_found"),
        ({"turns": "many"}, "invalid_parameter"),
        ({"turns": "0"}, "invalid_parameter"),
        ({"turns": "1" * 400}, "invalid_parameter"),
        ({"dialect": "prose"}, "invalid_parameter"),
    ],
)
def test_a_faulty_form_is_refused_and_keeps_its_text(fields: dict[str, str], code: str) -> None:
    client = browser_of("eve", Role.MAINTAINER)

    answer = client.post(RUNS, form(goal="Build a clock.", **fields))

    assert answer.status_code == 422
    assert code in text_of(answer)
    assert "Build a clock." in text_of(answer)
    assert not AgentRun.objects.exists()


@pytest.mark.usefixtures("offered")
def test_an_agent_has_one_run_at_a_time() -> None:
    client = browser_of("eve", Role.MAINTAINER)
    client.post(RUNS, form())

    answer = client.post(RUNS, form())

    assert answer.status_code == 422
    assert AgentRun.objects.count() == 1


@pytest.mark.usefixtures("offered")
def test_a_maintainer_stops_a_run() -> None:
    client = browser_of("eve", Role.MAINTAINER)
    client.post(RUNS, form())
    run = AgentRun.objects.get()

    for _ in range(2):
        assert client.post(f"{RUNS}{run.run_id}/").status_code == 303

    assert AgentRun.objects.get().state == "stopped"


def test_where_no_model_is_offered_the_page_says_how_one_is() -> None:
    found_world()

    page = text_of(browser_of("eve", Role.MAINTAINER).get(RUNS))

    assert "WORLDSIM_MODELS" in page


def test_a_turn_shows_what_the_model_said_as_text_and_leads_to_its_decision(
    settings: Settings,
) -> None:
    found_world()
    body = {"decision": "wait", "ticks": 1, "message_to_user": HOSTILE}
    client = browser_of("eve", Role.MAINTAINER)
    with ScriptedModel(call("agent_submit_decision", body)) as model:
        offer(settings, model.base_url)
        client.post(RUNS, form(goal=HOSTILE))
        run = AgentRun.objects.get()

        assert take_turn(run.pk) == "applied"

    decision = Decision.objects.get()
    page = text_of(client.get(f"{RUNS}{run.run_id}/live/"))
    assert f"/worlds/demo/decisions/{decision.decision_id}/" in page
    assert "&lt;script&gt;" in page
    assert HOSTILE not in page
    told = text_of(client.get(f"/worlds/demo/decisions/{decision.decision_id}/"))
    assert f"{RUNS}{run.run_id}/turns/1/" in told
    assert decision.channel == "runner"


def a_turn_of_a_model(settings: Settings) -> str:
    """Let a model take a turn towards a hostile goal; give the page of the turn."""
    found_world()
    with ScriptedModel(call("agent_submit_decision", {"decision": "wait"})) as model:
        offer(settings, model.base_url)
        browser_of("eve", Role.MAINTAINER).post(RUNS, form(goal=f"Find the well. {HOSTILE}"))
        run = AgentRun.objects.get()
        take_turn(run.pk)
    return f"{RUNS}{run.run_id}/turns/1/"


def test_the_page_of_a_turn_shows_its_whole_prompt_as_text_and_closed(settings: Settings) -> None:
    address = a_turn_of_a_model(settings)
    digest = AgentTurn.objects.get().prompt_digest
    assert digest is not None

    page = text_of(browser_of("vic", Role.VIEWER).get(address))

    for message in get_prompt(digest):
        assert escape(message["content"]) in page
    assert "Find the well." in page
    assert HOSTILE not in page
    assert page.count('<details class="file">') == len(get_prompt(digest)) + 1
    assert "<details open" not in page
    assert digest[:12] in page


@pytest.mark.parametrize(
    ("before", "told", "decided"),
    [
        ((), "1 call ·", "1 of 1 decided"),
        ((server_error(),), "1 call (2 requests) ·", "1 of 1 decided"),
        ((text("No."),), "2 calls ·", "1 of 1 decided"),
        ((text("No."), text("No.")), "2 calls ·", "0 of 1 decided"),
        ((server_error(), text("No."), text("No.")), "2 calls (3 requests) ·", "0 of 1 decided"),
    ],
)
def test_a_turn_tells_its_calls_and_their_requests_and_a_run_its_decisions(
    settings: Settings, before: tuple[Answer, ...], told: str, decided: str
) -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    with ScriptedModel(*before, call("agent_submit_decision", {"decision": "wait"})) as model:
        offer(settings, model.base_url)
        client.post(RUNS, form())
        run = AgentRun.objects.get()
        take_turn(run.pk)

    addresses = (f"{RUNS}{run.run_id}/", f"{RUNS}{run.run_id}/turns/1/")
    for page in (words_of(client.get(address)) for address in addresses):
        assert told in page
    assert f"1 of 2 turns, {decided}" in words_of(client.get(RUNS))
    numbers = decided.removesuffix(" decided")
    assert f"Came to a decision {numbers}" in words_of(client.get(addresses[0]))


def words_of(answer: Page) -> str:
    """Give a page's words, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", text_of(answer)).split())


def test_a_run_and_a_decision_lead_to_the_page_of_their_turn(settings: Settings) -> None:
    address = a_turn_of_a_model(settings)
    client = browser_of("vic", Role.VIEWER)
    decision_id = AgentTurn.objects.get().decision_id

    assert f'href="{address}"' in text_of(client.get(address.partition("turns/")[0]))
    assert f'href="{address}"' in text_of(client.get(f"/worlds/demo/decisions/{decision_id}/"))
    assert f"/worlds/demo/decisions/{decision_id}/" in text_of(client.get(address))


def test_a_turn_is_seen_by_members_alone_and_only_where_it_is(settings: Settings) -> None:
    address = a_turn_of_a_model(settings)
    found_world("theirs")
    stranger = browser_of("mallory", Role.MAINTAINER, world="theirs")

    assert stranger.get(address).status_code == 404
    assert stranger.get(address.replace("demo", "theirs")).status_code == 404
    member = browser_of("vic", Role.VIEWER)
    for wrong in ("turns/2/", "turns/0/", f"turns/{10**30}/"):
        assert member.get(address.replace("turns/1/", wrong)).status_code == 404


def test_a_prompt_that_is_not_in_the_store_is_said_to_be_gone(settings: Settings) -> None:
    address = a_turn_of_a_model(settings)
    digest = AgentTurn.objects.get().prompt_digest
    tamper("DELETE FROM lifecycle_content WHERE digest = %s", [digest])

    page = browser_of("vic", Role.VIEWER).get(address)

    assert page.status_code == 200
    assert "not in the store any more" in text_of(page)


def test_a_turn_that_is_being_asked_shows_no_cost_yet() -> None:
    found_world()
    run = start_run(RunRequest("demo", "ada", "m", "http://127.0.0.1:9/v1", foreground=True))
    assert claim_turn(run.pk, run.lease_token) is not None
    client = browser_of("vic", Role.VIEWER)

    for address in (f"{RUNS}{run.run_id}/", f"{RUNS}{run.run_id}/turns/1/"):
        page = text_of(client.get(address))
        assert "being asked" in page
        assert "0 ms" not in page
        assert "0 answered" not in page
        assert "was not asked" not in page
