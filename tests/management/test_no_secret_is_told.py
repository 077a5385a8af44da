"""A11: after a main job with faults on the way, no secret is in a log, file, answer or page."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.mcp.serving import Service
from tests.programs import eventually, manage
from tests.service import hash_of

MODEL_KEY = "sk-canary-of-a-models-key-8c2f"
PASSWORD = "canary of a password 51"
WAT = '(module (func (export "tick") (result i32) i32.const 7))'
WORLD = "/api/v1/worlds/demo/"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Start a server and a worker that were given secrets."""
    started = Service(tmp_path, worker=True, OPENAI_API_KEY=MODEL_KEY)
    yield started
    started.stop()


def main_job(service: Service) -> list[str]:
    """Compile, install and replay by HTTP, with refusals and faults between; give all answers."""
    source = {"manifest_path": "a.wat", "source_files": {"a.wat": WAT}, "module_id": "clock"}
    compile_it = {"decision": "compile_module_artifact_from_source", **source}
    token, others = service.tokens["ada"], service.tokens["bob"]
    told = [
        service.send("POST", f"{WORLD}decisions/", compile_it, "ada"),
        service.send("POST", f"{WORLD}decisions/", {"decision": "smoke", "key": others}, "ada"),
        service.send("POST", f"{WORLD}decisions/", "{" * 100_000, "ada"),
        service.send("POST", f"{WORLD}nothing/", {"token": others}, "ada"),
        service.send("GET", f"{WORLD}events/", None, "", Authorization=f"Bearer {token}x"),
        service.send("POST", "/mcp/", "no message", "ada"),
    ]
    address = f"{WORLD}artifacts/"
    assert eventually(lambda: '"wasm_hash"' in service.send("GET", address, None, "ada").body, 30)
    [artifact] = json.loads(service.send("GET", address, None, "ada").body)["artifacts"]
    install = {"decision": "install_module_from_artifact", "wasm_hash": artifact["wasm_hash"]}
    told.append(
        service.send("POST", f"{WORLD}decisions/", {**install, "module_id": "clock"}, "ada")
    )
    assert told[-1].status == 201
    told += [
        service.send("GET", f"{WORLD}{part}", None, "ada")
        for part in ("events/", "decisions/", "verify/", "export/", "state/", "modules/")
    ]
    return [f"{answer.headers} {answer.body}" for answer in told]


def pages(service: Service) -> list[str]:
    """Log an account in, wrongly first, and give the pages that it sees of the world."""
    base = f"http://127.0.0.1:{service.port}"
    seen = []
    with httpx2.Client(base_url=base, trust_env=False, timeout=30, follow_redirects=True) as client:
        for password in (f"{PASSWORD} wrong", PASSWORD):
            form = client.get("/login/").text
            found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
            assert found is not None
            fields = {"csrfmiddlewaretoken": found[1], "username": "root", "password": password}
            seen.append(client.post("/login/", data=fields, headers={"Referer": base}).text)
        for part in ("", "events/", "agents/", "agents/ada/", "artifacts/", "team/", "settings/"):
            answer = client.get(f"/worlds/demo/{part}")
            assert answer.status_code == 200
            seen.append(answer.text)
        for part in ("", "lifecycle/agenttoken/", "lifecycle/journalevent/", "auth/user/1/change/"):
            answer = client.get(f"/admin/{part}")
            assert answer.status_code == 200
            seen.append(answer.text)
    return seen


def test_a11_no_secret_is_in_any_log_file_answer_or_page(service: Service) -> None:
    changes = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD, "OPENAI_API_KEY": MODEL_KEY}
    named = ["--noinput", "--username", "root", "--email", ""]
    made = manage(service.data, "createsuperuser", *named, changes=changes)
    assert made.returncode == 0, made.stderr

    told = [*main_job(service), *pages(service)]
    replayed = manage(service.data, "verify", "demo", "--json", changes=changes)
    service.stop()

    assert json.loads(replayed.stdout)["ok"]
    tokens = tuple(service.tokens.values())
    secret_key = (service.data / "secret-key").read_text("utf-8").strip()
    secrets = (secret_key, MODEL_KEY, PASSWORD, *tokens, *map(hash_of, map(str.encode, tokens)))
    logs = [path for path in service.data.rglob("*.log") if path.stat().st_size]
    assert {path.name for path in logs} >= {"web.log", "worker.log"}
    # What an agent wrote into its decision itself is its own text, and kept as it was sent.
    sent_as_text = (service.tokens["bob"],)
    files = {path for path in service.data.rglob("*") if path.is_file()}
    for path in files - {service.data / "secret-key"}:
        content = path.read_bytes()
        known = secrets if path in logs else tuple(set(secrets) - set(sent_as_text))
        assert not [secret for secret in known if secret.encode() in content], path
    for text in [*told, replayed.stdout + replayed.stderr]:
        assert not [secret for secret in set(secrets) - set(sent_as_text) if secret in text]
