"""Every address, asked by somebody who may not see the world: nothing of it is told (A05, A07)."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from lifecycle.access.callers import get_any_world
from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import Role
from lifecycle.usecases.check_jobs import CheckRequest, ask_check
from lifecycle.usecases.compile import run_job
from tests.api.speaking import Api, agent, nobody, person
from tests.service import compile_source, decide, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def routes(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    """Give every route below a resolver."""
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def addresses(world: str) -> list[str]:
    """Give every address of the API that names the world, with ids that exist in it."""
    deploy("ada", wasm())
    install("ada", wasm(), "clock")
    decision = decide("ada", "wait").decision_id
    compile_source("ada", "bell", "a.wat", {"a.wat": "(module)"})
    run_job(CompileJob.objects.get().pk)
    values = {
        "<str:world>": world,
        "<str:decision_id>": str(decision),
        "<str:wasm_hash>": hash_of(wasm()),
        "<str:digest>": CompileJob.objects.get().source_digest,
        "<str:module_id>": "clock",
        "<int:seq>": "1",
        "<str:tool>": "world_observation",
        "<str:check_id>": ask_check(get_any_world(world), CheckRequest(None, "api")).check_id,
        "<str:agent_id>": "ada",
        "<int:token_id>": "1",
    }
    found = [route for route in routes(get_resolver()) if route.startswith("/api/v1/")]
    assert len(found) >= 42
    for name, value in values.items():
        found = [route.replace(name, value) for route in found]
    assert not [route for route in found if "<" in route]
    return [route for route in found if f"/{world}" in route or str(decision) in route]


def send_raw(api: Api, method: str, url: str) -> tuple[int, bytes]:
    """Send without holding the answer against the document: not every method is in it."""
    response = api.client.generic(
        method, url, b'{"decision": "wait"}', content_type="application/json", headers=api.headers
    )
    return response.status_code, response.content


def test_a07_no_route_tells_anything_of_a_world_that_is_not_the_callers(
    tokens: dict[str, str],
) -> None:
    assert tokens
    found_world("other", "eve")
    foreign = agent(found_world("third", "mallory")["mallory"])
    outsider = person("oscar", Role.MAINTAINER, world="other")
    urls = addresses("demo")

    for api in (foreign, outsider):
        for url in urls:
            for method in METHODS:
                status, body = send_raw(api, method, url)
                assert status in {404, 405}, (method, url, status)
                assert b"ada" not in body
                assert b"clock" not in body


def test_a07_no_route_answers_nobody(tokens: dict[str, str]) -> None:
    assert tokens
    for url in addresses("demo"):
        for method in METHODS:
            status, _ = send_raw(nobody(), method, url)
            assert status == 401, (method, url, status)


def test_a05_a_foreign_world_answers_with_the_body_of_an_unknown_one(
    tokens: dict[str, str],
) -> None:
    mallory = agent(found_world("third", "mallory")["mallory"])
    assert tokens

    for path in addresses("demo"):
        if "/worlds/demo/" not in path:
            continue
        unknown = path.replace("/worlds/demo/", "/worlds/nowhere/")
        for method in ("GET", "POST"):
            assert send_raw(mallory, method, path) == send_raw(mallory, method, unknown)
