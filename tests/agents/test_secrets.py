"""The key that a model's server wants goes to that server and nowhere else."""

import json
import logging
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from django.db import connection
from django.test import Client

from lifecycle.agents.model_client import ModelCall, ask
from tests.agents.conftest import SetLimits
from tests.agents.running import DECIDE, Run, wait_call
from tests.programs import manage
from tests.scripted_model.answers import Answer, call, text
from tests.scripted_model.faulty_answers import refused
from tests.scripted_model.faulty_replies import bad_request, rate_limited, redirected, unauthorized
from tests.scripted_model.server import ScriptedModel
from tests.service import found_world
from tests.serving import database_in
from tests.usecases.histories import every_table
from worldsim.environment import Environment

KEY = "sk-canary-4f1d9c27"


def told_back() -> list[Answer]:
    """Give answers of a server that sends the key back in every way it can."""
    return [
        call(DECIDE, {"decision": "wait", "message_to_user": f"The key is {KEY}."}),
        call(DECIDE, f'{{"decision": "{KEY}"}}'),
        text(f"{KEY} {KEY}"),
        refused(f"I will not, {KEY}."),
        bad_request(f"Bad key {KEY}.", KEY, KEY),
        rate_limited("9999"),
        redirected(f"http://127.0.0.1:9/{KEY}"),
        unauthorized(KEY),
    ]


@pytest.mark.django_db
def test_a_key_that_a_server_sends_back_is_kept_nowhere(
    set_limits: SetLimits, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    token = found_world()["ada"]
    set_limits(model_api_key=KEY)

    with ScriptedModel(*told_back(), api_key=KEY) as model:
        run = Run(model, turns=7)

    assert model.faults == []
    assert run.document["state"] == "failed"
    assert KEY not in repr(every_table())
    assert KEY not in caplog.text
    assert KEY not in "".join(capfd.readouterr())
    bearer = {"Authorization": f"Bearer {token}"}
    page = Client().get("/api/v1/worlds/demo/decisions/", headers=bearer)
    assert page.status_code == 200
    assert KEY not in page.content.decode()
    assert "[key]" in page.content.decode()


def test_a_key_that_is_set_is_sent_and_shown_by_no_repr(
    set_limits: SetLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_limits(model_api_key=KEY)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    with ScriptedModel(text("ok")) as model:
        body = {"model": "any", "messages": [{"role": "user", "content": "hello"}]}
        reply = ask(ModelCall(model.base_url, body, 16, 5.0), lambda: True)

    assert model.requests[0].header("Authorization") == f"Bearer {KEY}"
    assert KEY not in repr(reply)
    assert KEY not in repr(Environment())
    assert Environment().model_api_key == KEY


@pytest.mark.django_db(transaction=True)
def test_a_command_with_a_key_leaves_it_in_no_file_and_no_output(tmp_path: Path) -> None:
    found_world()

    with ScriptedModel(wait_call(), unauthorized(KEY), after="repeat") as model:
        argv = ["--world", "demo", "--agent", "ada", "--model", "any", "--turns", "9"]
        done = manage(
            tmp_path,
            *["run_agent", *argv, "--base-url", model.base_url, "--json"],
            changes={**database_in(tmp_path), "OPENAI_API_KEY": KEY},
        )

    assert model.requests[0].header("Authorization") == f"Bearer {KEY}"
    assert done.returncode == 1
    turns = json.loads(done.stdout)["turns"]
    assert [turn["outcome"] for turn in turns] == ["applied", "model_unauthorised"]
    assert KEY not in done.stdout + done.stderr
    assert KEY not in repr(every_table())
    folders = [tmp_path, live_settings.ENVIRONMENT.data]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    on_sqlite = connection.vendor == "sqlite"
    assert any(path.suffix == ".sqlite3" for path in files) is on_sqlite
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
