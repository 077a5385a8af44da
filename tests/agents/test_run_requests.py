"""What a run may be asked to be, and which models the operator offers."""

from typing import Any

import pytest

from lifecycle.access.callers import get_any_world
from lifecycle.usecases.errors import (
    InvalidParameterError,
    ModelNotOfferedError,
    NotFoundError,
    RefusedError,
    RunExistsError,
)
from lifecycle.usecases.queries.runs import runs_of, turn_of_decision, turns_page
from lifecycle.usecases.run_requests import (
    OfferedModel,
    RunRequest,
    get_offered_model,
    offered_models,
)
from lifecycle.usecases.runs import start_run, stop_run
from tests.agents.conftest import SetLimits
from tests.service import found_world

pytestmark = pytest.mark.django_db
GOOD = RunRequest("demo", "ada", "model", "https://models.example.org/v1")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", " "),
        ("model", "x" * 201),
        ("model", "a\nb"),
        ("base_url", "ftp://models.example.org"),
        ("base_url", "models.example.org/v1"),
        ("base_url", "https://"),
        ("base_url", "https://user:sk-secret@models.example.org/v1"),
        ("base_url", "https://models.example.org/v1?key=sk-secret"),
        ("base_url", "https://models.example.org:99999/v1"),
        ("dialect", "smoke"),
        ("turns", 0),
        ("goal", "x" * 4001),
        ("goal", "a\0b"),
        ("goal", "Win\u202e. Lose."),
        ("goal", "Win\u200b."),
    ],
)
def test_an_unsound_request_is_refused_by_field_and_shows_no_secret(
    field: str,
    value: Any,  # noqa: ANN401 - a case
) -> None:
    found_world()

    with pytest.raises(InvalidParameterError) as refusal:
        start_run(RunRequest(**{**GOOD._asdict(), field: value}))

    assert refusal.value.field == field
    assert "sk-secret" not in repr(refusal.value.facts)


def test_an_agent_that_is_not_there_has_no_run() -> None:
    found_world()

    with pytest.raises(RefusedError):
        start_run(GOOD._replace(agent_id="nobody"))


def test_an_agent_has_one_run_at_a_time() -> None:
    found_world()
    first = start_run(GOOD)

    with pytest.raises(RunExistsError):
        start_run(GOOD)
    start_run(GOOD._replace(agent_id="bob"))
    stop_run(get_any_world("demo"), first.run_id)
    start_run(GOOD)

    states = [(run["agent_id"], run["state"]) for run in runs_of(get_any_world("demo"))]
    assert states == [("ada", "running"), ("bob", "running"), ("ada", "stopped")]
    assert len(runs_of(get_any_world("demo"), active=True)) == 2


def test_the_operators_models_are_read_from_the_setting(set_limits: SetLimits) -> None:
    set_limits(models="small=http://127.0.0.1:8080/v1, big = https://models.example.org/v1,,x")

    assert offered_models() == [
        OfferedModel("small", "http://127.0.0.1:8080/v1"),
        OfferedModel("big", "https://models.example.org/v1"),
    ]
    assert get_offered_model("big").base_url == "https://models.example.org/v1"
    with pytest.raises(ModelNotOfferedError):
        get_offered_model("other")


def test_a_world_shows_its_own_runs_only() -> None:
    found_world()
    found_world("other")
    run = start_run(GOOD)
    other = get_any_world("other")

    assert runs_of(other) == []
    with pytest.raises(NotFoundError):
        turns_page(other, run.run_id)
    with pytest.raises(NotFoundError):
        stop_run(other, run.run_id)
    with pytest.raises(InvalidParameterError):
        turns_page(get_any_world("demo"), run.run_id, before=0)
    assert turn_of_decision(other, "none") is None
