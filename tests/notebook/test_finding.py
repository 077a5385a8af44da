"""What can be typed to go somewhere: what pages print, hashes by their beginning, and ids."""

import pytest
from django.test import Client

from lifecycle.models.jobs import CompileJob
from lifecycle.models.journal import JournalEvent
from lifecycle.models.projections import Artifact
from lifecycle.models.worlds import Role, World
from tests.notebook.people import GOOD_WAT, browser_of, run_compiles, text_of
from tests.service import compile_source, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db
FIND = "/worlds/demo/find/"


@pytest.fixture
def client() -> Client:
    """Found a world with agents and give a viewer's browser."""
    found_world()
    return browser_of("eve", Role.VIEWER)


def led_to(client: Client, text: str) -> str:
    answer = client.get(FIND, {"q": text})
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"]


def published(wasm_hash: str, seq: int) -> None:
    """Write a row as a publication does."""
    Artifact.objects.create(
        world=World.objects.get(slug="demo"),
        wasm_hash=wasm_hash,
        publisher_agent_id="ada",
        bytes_len=8,
        deployed_at_tick=0,
        deployed_seq=seq,
    )


@pytest.mark.parametrize("digits", [6, 12, 63, 64])
@pytest.mark.parametrize("spelling", ["{}", " 0x{} ", "sha256:{}", "SHA256:0X{}"])
def test_the_first_digits_of_a_hash_lead_to_its_artifact(
    client: Client, digits: int, spelling: str
) -> None:
    deploy("ada", wasm())

    address = led_to(client, spelling.format(hash_of(wasm())[:digits]))

    assert address == f"/worlds/demo/artifacts/{hash_of(wasm())}/"


def test_the_first_digits_of_sources_and_events_lead_to_them(client: Client) -> None:
    sent = compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    run_compiles()
    sources = CompileJob.objects.get().source_digest
    events = dict(JournalEvent.objects.values_list("seq", "hash"))

    assert f"around=source%3A{sources}" in led_to(client, sources[:12])
    assert led_to(client, events[1][:12]) == "/worlds/demo/events/?before=2#event-1"
    assert led_to(client, events[max(events)]).endswith(f"#cell-{sent.decision_id}")


def test_digits_that_several_hashes_begin_with_list_them(client: Client) -> None:
    for seq, end in ((90, "0"), (91, "1")):
        published(f"{'ab12' * 15}abc{end}", seq)
    text = "AB12" * 3

    found, lineage = client.get(FIND, {"q": text}), client.get(f"{LINEAGE}?around={text}")

    for answer in (found, lineage):
        assert answer.status_code == 200
        assert text_of(answer).count("abc0</code>") == 1
        assert text_of(answer).count("abc1</code>") == 1
    assert led_to(client, f"{'ab12' * 15}abc1").endswith("abc1/")


LINEAGE = "/worlds/demo/lineage/"


def test_of_very_many_that_begin_alike_only_some_are_listed(client: Client) -> None:
    for number in range(25):
        published(f"abcdef{number:058x}", 100 + number)

    page = text_of(client.get(FIND, {"q": "abcdef"}))

    assert page.count(">artifact <code>abcdef") == 20
    assert "write more digits" in page


def test_lineage_is_found_around_the_first_digits_of_a_hash(client: Client) -> None:
    deploy("ada", wasm())

    answer = client.get(LINEAGE, {"around": f"0x{hash_of(wasm())[:12].upper()}"})

    assert answer.status_code == 200
    assert "around" in text_of(answer)
    assert answer.context["centre"].key.name == hash_of(wasm())
    assert client.get(LINEAGE, {"around": hash_of(wasm())[:5]}).status_code == 404


def test_ids_of_agents_and_modules_lead_to_them(client: Client) -> None:
    deploy("ada", wasm(), module_id="clock")
    assert led_to(client, "clock") == f"/worlds/demo/artifacts/{hash_of(wasm())}/"
    install("ada", wasm(), "clock")

    assert led_to(client, "ada") == "/worlds/demo/agents/ada/"
    assert led_to(client, "clock") == f"{LINEAGE}?around=module%3Aclock"
    assert led_to(client, "module:clock") == f"{LINEAGE}?around=module%3Aclock"


def test_an_id_that_names_an_agent_and_a_module_lists_both(client: Client) -> None:
    deploy("ada", wasm())
    install("ada", wasm(), "ada")

    page = text_of(client.get(FIND, {"q": "ada"}))

    assert "/worlds/demo/agents/ada/" in page
    assert "around=module%3Aada" in page


def test_no_module_comes_between_a_number_and_its_event(client: Client) -> None:
    deploy("ada", wasm())
    install("ada", wasm(), "1")

    assert led_to(client, "1") == "/worlds/demo/events/?before=2#event-1"
    assert led_to(client, "module:1") == f"{LINEAGE}?around=module%3A1"


@pytest.mark.parametrize("text", ["ab\0cdef", "abcde", "abcdef123456", "cyd", "sha256:", "x" * 300])
def test_what_names_nothing_is_404_with_all_that_can_be_typed(client: Client, text: str) -> None:
    answer = client.get(FIND, {"q": text})

    assert answer.status_code == 404
    for words in ("An event's number", "first six digits", "id of an agent", "that of a module"):
        assert words in text_of(answer)
    assert client.get(LINEAGE, {"around": text}).status_code == 404


def test_what_another_world_has_is_not_found(client: Client) -> None:
    found_world("theirs", "zed")
    deploy("zed", wasm(), world="theirs", module_id="clock")

    for text in (hash_of(wasm())[:12], "zed", "clock"):
        assert client.get(FIND, {"q": text}).status_code == 404
