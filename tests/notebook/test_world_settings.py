"""A world's settings: read by all, tightened by a maintainer, told to agents, unknown to replay."""

import re
from typing import Any

import pytest
import wasmtime
from django.test import Client

from lifecycle.access.callers import get_any_world
from lifecycle.models.teams import WorldChange
from lifecycle.models.worlds import Role
from lifecycle.usecases.verify import verify_world
from lifecycle.usecases.world_settings import get_settings, optional_features
from tests.api.speaking import agent
from tests.notebook.people import browser_of, text_of
from tests.service import decide, deploy, found_world, wasm

pytestmark = pytest.mark.django_db
SETTINGS = "/worlds/demo/settings/"


def save(client: Client, **fields: object) -> Any:  # noqa: ANN401 - Django's test response
    return client.post(SETTINGS, {"wasm_features": optional_features(), **fields})


def limits_told(token: str) -> Any:  # noqa: ANN401 - any JSON
    return agent(token).get("module-lifecycle-status/").json["limits"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.AUDITOR])
def test_every_member_reads_them_and_only_a_maintainer_changes_them(role: Role) -> None:
    found_world()
    client = browser_of("eve", role)

    page = text_of(client.get(SETTINGS))
    assert "Bytes of a module" in page
    assert "Set them" not in page
    assert save(client, max_wait_ticks="5").status_code == 403
    assert not WorldChange.objects.filter(subject="setting").exists()


def test_a_tightened_limit_refuses_the_next_decision_and_agents_are_told() -> None:
    token = found_world()["ada"]
    client = browser_of("eve", Role.MAINTAINER)
    assert save(client, max_wait_ticks="5", max_wasm_bytes="20").status_code == 303

    waited = decide("ada", "wait_ticks", ticks=6)
    assert waited.rejection is not None
    assert waited.rejection.code == "limit_exceeded"
    deployed = deploy("ada", wasm())
    assert deployed.rejection is not None
    assert deployed.rejection.code == "limit_exceeded"
    assert decide("ada", "wait_ticks", ticks=5).rejection is None
    assert limits_told(token)["max_wait_ticks"] == 5
    guide = agent(token).post("tools/world_rules_guide/", {}).json
    assert guide["limits"]["max_wasm_bytes"] == 20


def test_the_composer_tells_the_limits_of_its_world() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    save(client, max_source_files="3")

    assert 'data-most-files="3"' in text_of(client.get("/worlds/demo/"))


def test_another_world_keeps_the_limits_of_the_service() -> None:
    found_world()
    found_world("other")
    save(browser_of("eve", Role.MAINTAINER), max_wait_ticks="5")

    assert decide("ada", "wait_ticks", world="other", ticks=6).rejection is None


def test_a_blank_limit_gives_back_what_the_service_allows() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    save(client, max_wait_ticks="5")

    save(client, max_wait_ticks="")

    assert decide("ada", "wait_ticks", ticks=6).rejection is None


def test_a_feature_that_the_world_refuses_is_named_to_who_uses_it() -> None:
    token = found_world()["ada"]
    client = browser_of("eve", Role.MAINTAINER)
    client.post(SETTINGS, {"wasm_features": ["bulk-memory", "multi-value", "reference-types"]})
    vector = bytes(wasmtime.wat2wasm("(module (func (drop (v128.const i32x4 0 0 0 0))))"))

    refused = deploy("ada", vector)

    assert refused.rejection is not None
    assert refused.rejection.code == "invalid_wasm"
    assert "simd" in str(refused.rejection.facts)
    assert deploy("ada", wasm()).rejection is None
    assert "simd" not in limits_told(token)["wasm"]["features"]


def test_a_tightened_policy_leaves_the_journal_readable() -> None:
    found_world()
    decide("ada", "wait_ticks", ticks=900)
    deploy("ada", wasm())
    client = browser_of("eve", Role.MAINTAINER)
    client.post(SETTINGS, {"max_wait_ticks": "1", "max_wasm_bytes": "1"})

    assert verify_world("demo").ok


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"max_wait_ticks": "0"}, "max_wait_ticks"),
        ({"max_wait_ticks": "-1"}, "max_wait_ticks"),
        ({"max_wait_ticks": "1e3"}, "max_wait_ticks"),
        ({"max_wait_ticks": "٣"}, "max_wait_ticks"),
        ({"max_wasm_bytes": "99999999999999999999"}, "max_wasm_bytes"),
        ({"max_source_files": "129"}, "max_source_files"),
        ({"title": "t" * 81}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"wasm_features": ["threads"]}, "wasm_features"),
        ({"wasm_features": ["<b>"]}, "wasm_features"),
    ],
)
def test_what_is_not_below_the_service_is_refused_by_field_and_nothing_changes(
    form: dict[str, object], field: str
) -> None:
    token = found_world()["ada"]
    before = limits_told(token)

    answer = save(browser_of("eve", Role.MAINTAINER), **{"max_pending_compiles": "1", **form})

    assert answer.status_code == 422
    assert f"parameter {field}" in text_of(answer)
    assert "<b>" not in text_of(answer)
    assert limits_told(token) == before


def test_each_change_is_on_record_with_who_before_and_after() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    save(client, title="Harbour", max_wait_ticks="7")
    save(client, title="Harbour", max_wait_ticks="8")

    page = text_of(browser_of("vic", Role.VIEWER).get(SETTINGS))

    assert "as the service → 7" in page
    assert "7 → 8" in page
    assert "by eve" in page
    assert WorldChange.objects.filter(subject="setting").count() == 3


def version_on(page: str) -> str:
    found = re.search(r'name="made_from" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_a_stale_form_undoes_nothing_and_is_told_what_was_changed_meanwhile() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    save(client, title="Harbour", max_source_files="9")
    form = version_on(text_of(client.get(SETTINGS)))
    theirs = browser_of("zoe", Role.MAINTAINER)
    save(theirs, max_wait_ticks="7", made_from=form)

    sent = {"title": "Quay", "max_wait_ticks": "", "max_source_files": "9", "made_from": form}
    answer = save(client, **sent)

    page = text_of(answer)
    assert answer.status_code == 409
    assert "as the service → 7" in page
    assert "by zoe" in page
    # What was typed is kept; what was not touched follows the other change.
    assert 'name="title" value="Quay"' in page
    assert 'name="max_wait_ticks" value="7"' in page
    now = get_settings(get_any_world("demo"))
    assert (now.title, now.limits) == ("Harbour", {"max_wait_ticks": 7, "max_source_files": 9})
    again = {**sent, "max_wait_ticks": "7", "made_from": version_on(page)}
    assert save(client, **again).status_code == 303
    assert get_settings(get_any_world("demo")).title == "Quay"


def test_a_refused_form_is_as_stale_as_before() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    form = version_on(text_of(client.get(SETTINGS)))

    refused = save(client, max_wait_ticks="none", made_from=form)

    assert refused.status_code == 422
    assert version_on(text_of(refused)) == form
    assert save(client, title="Harbour", made_from="<b>").status_code == 303
    assert save(client, title="Quay", made_from="<b>").status_code == 409


def test_a_field_that_is_not_sent_stays_as_it_is() -> None:
    found_world()
    client = browser_of("eve", Role.MAINTAINER)
    save(client, max_wait_ticks="7", wasm_features=["simd"])

    client.post(SETTINGS, {"title": "Harbour"})
    assert get_settings(get_any_world("demo")) == ("Harbour", {"max_wait_ticks": 7}, ["simd"])
    client.post(SETTINGS, {"max_wait_ticks": "0", "wasm_features": ""})
    assert get_settings(get_any_world("demo")) == ("Harbour", {"max_wait_ticks": 7}, ["simd"])
    # What a browser sends of a form in which no feature is ticked.
    client.post(SETTINGS, {"wasm_features": ""})
    assert get_settings(get_any_world("demo")) == ("Harbour", {"max_wait_ticks": 7}, [])
