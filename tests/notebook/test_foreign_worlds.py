"""A world of others answers as an unknown one does, at every address (A05, A07)."""

import re

import pytest
from django.test import Client
from django.urls import URLPattern

from lifecycle.models.audits import Checkpoint
from lifecycle.models.worlds import Role
from lifecycle.notebook.urls import urlpatterns
from lifecycle.usecases.checkpoints import make_checkpoint
from lifecycle.usecases.run_requests import RunRequest
from lifecycle.usecases.runs import claim_turn, start_run
from tests.notebook.people import Page, browser_of, run_compiles, text_of
from tests.service import WAT, compile_source, decide, deploy, found_world, hash_of, wasm

pytestmark = pytest.mark.django_db

OF_A_WORLD = [str(entry.pattern) for entry in urlpatterns if "<str:slug>" in str(entry.pattern)]
# These have no page of their own: an invitation is revoked, and a place added, by a form.
TAKE_FORMS = ("<str:invitation_id>/", "/places/")
SHOWN = [pattern for pattern in OF_A_WORLD if not pattern.endswith(TAKE_FORMS)]


def filled(pattern: str, slug: str, decision_id: str, run_id: str) -> str:
    address = pattern.replace("<str:slug>", slug).replace("<str:decision_id>", decision_id)
    address = address.replace("<str:run_id>", run_id).replace("<str:name>", "eve")
    address = address.replace("<str:agent_id>", "ada").replace("<int:number>", "1")
    address = address.replace("<int:seq>", str(signed_seq(slug)))
    address = address.replace("<str:invitation_id>", run_id)
    address = address.replace("<str:other_hash>", hash_of(wasm()))
    return "/" + address.replace("<str:wasm_hash>", hash_of(wasm()))


def signed_seq(slug: str) -> int:
    """Give the place of the world's checkpoint; any place where there is no such world."""
    found = Checkpoint.objects.filter(world__slug=slug).values_list("seq", flat=True)
    return found.first() or 1


def run_in(slug: str) -> str:
    """Sign the world, and begin a run with a turn in it; give the run."""
    make_checkpoint(slug, account="eve", channel="api")
    request = RunRequest(slug, "ada", "scripted", "http://127.0.0.1:9/v1", foreground=True)
    run = start_run(request)
    assert claim_turn(run.pk, run.lease_token) is not None
    return run.run_id


def without_token(page: Page) -> str:
    """Give a page but for the token of its log-out form, which is another each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text_of(page))


def test_every_address_of_a_world_is_tried() -> None:
    assert all(isinstance(entry, URLPattern) for entry in urlpatterns)
    assert [
        str(entry.pattern) for entry in urlpatterns if str(entry.pattern).startswith("worlds/")
    ] == OF_A_WORLD


@pytest.mark.parametrize("pattern", OF_A_WORLD)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a05_a07_a_foreign_world_is_not_there(pattern: str, method: str) -> None:
    found_world()
    found_world("theirs")
    theirs = deploy("ada", wasm(), world="theirs").decision_id or ""
    run_id = run_in("theirs")
    client = browser_of("eve", Role.MAINTAINER)

    foreign = getattr(client, method)(filled(pattern, "theirs", theirs, run_id))
    unknown = getattr(client, method)(filled(pattern, "nothing", theirs, run_id))

    assert foreign.status_code == unknown.status_code
    assert foreign.status_code in {404, 405}
    assert without_token(foreign) == without_token(unknown)


@pytest.mark.parametrize("pattern", SHOWN)
def test_a_member_reaches_every_address(pattern: str) -> None:
    found_world()
    ours = compile_source("ada", "clock", "a.wat", {"a.wat": WAT.format(number=1)}).decision_id
    assert run_compiles() == ["succeeded"]

    address = filled(pattern, "demo", ours or "", run_in("demo"))

    assert browser_of("eve", Role.VIEWER).get(address).status_code == 200


@pytest.mark.parametrize("pattern", OF_A_WORLD)
def test_without_a_session_nothing_is_shown(pattern: str) -> None:
    found_world()
    ours = deploy("ada", wasm()).decision_id or ""

    answer = Client().get(filled(pattern, "demo", ours, run_in("demo")))

    assert answer.status_code in {302, 401}
    assert text_of(answer) == ""


def test_a07_what_belongs_to_another_world_is_not_reached_through_ones_own() -> None:
    found_world()
    found_world("theirs")
    theirs = deploy("ada", wasm(9), world="theirs")
    waited = decide("ada", "wait", world="theirs")
    run_id = run_in("theirs")
    client = browser_of("eve", Role.MAINTAINER)

    for address in (
        f"/worlds/demo/artifacts/{hash_of(wasm(9))}/",
        f"/worlds/demo/artifacts/{hash_of(wasm(9))}/wasm",
        f"/worlds/demo/decisions/{theirs.decision_id}/",
        f"/worlds/demo/decisions/{waited.decision_id}/",
        f"/worlds/demo/runs/{run_id}/",
        f"/worlds/demo/runs/{run_id}/live/",
    ):
        assert client.get(address).status_code == 404
