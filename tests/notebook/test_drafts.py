"""Drafts on the server: saved with a version, seen by nobody else, gone when they are submitted."""

import json
from typing import Any

import pytest
from django.test import Client

from lifecycle.models.decisions import Decision
from lifecycle.models.drafts import Draft
from lifecycle.models.worlds import Role
from lifecycle.usecases import drafts
from lifecycle.usecases.timetravel import state_at
from tests.notebook.people import browser_of, send_form, text_of
from tests.service import found_world

pytestmark = pytest.mark.django_db

DRAFTS = "/worlds/demo/drafts/"
WORLD = "/worlds/demo/"


def form(**fields: str) -> dict[str, str]:
    return {"mode": "form", "form": "move_agent", "agent_id": "ada", **fields}


def saved(client: Client, **fields: str) -> dict[str, Any]:
    answer = client.post(DRAFTS, form(**fields))
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told


def place(told: dict[str, Any]) -> dict[str, Any]:
    return {"draft": told["draft"], "version": str(told["version"])}


def test_a_saved_draft_stands_in_the_composer_again() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)

    told = saved(client, **{"field.to": "harbour"})

    page = client.get(WORLD)
    assert page.context["composed"].fields == {"to": "harbour"}
    assert tuple(page.context["place"]) == (told["draft"], 1)
    assert 'value="harbour"' in text_of(page)
    assert state_at("demo").head_seq == 4


def test_each_save_counts_the_version_on() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    first = saved(client, **{"field.to": "a"})

    second = saved(client, **{"field.to": "b"}, **place(first))

    assert second == {"draft": first["draft"], "version": 2}


def test_a23_a_stale_save_of_a_draft_is_refused_and_both_texts_are_kept() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    first = saved(client, **{"field.to": "start"})
    saved(client, **{"field.to": "theirs"}, **place(first))

    stale = client.post(DRAFTS, form(**{"field.to": "mine"}, **place(first)))

    assert stale.status_code == 409
    assert "to: theirs" in text_of(stale)
    assert json.loads(Draft.objects.get().content)["fields"] == {"to": "theirs"}


@pytest.mark.parametrize("resolve", ["both", "2"])
def test_a23_after_a_conflict_one_keeps_both_or_ones_own(resolve: str) -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    first = saved(client, **{"field.to": "start"})
    saved(client, **{"field.to": "theirs"}, **place(first))
    stale = client.post(WORLD, form(**{"field.to": "mine", "save": "1"}, **place(first)))
    assert (stale.status_code, stale.context["composed"].fields) == (409, {"to": "mine"})

    answer = client.post(WORLD, form(**{"field.to": "mine", "resolve": resolve}, **place(first)))

    assert answer.status_code == 200
    assert answer.context["composed"].fields == {"to": "mine"}
    kept = {json.loads(draft.content)["fields"]["to"] for draft in Draft.objects.all()}
    assert kept == ({"mine", "theirs"} if resolve == "both" else {"mine"})


def test_a23_ones_own_does_not_overwrite_a_save_that_was_not_shown() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    first = saved(client, **{"field.to": "start"})
    second = saved(client, **{"field.to": "shown"}, **place(first))
    saved(client, **{"field.to": "not shown"}, **place(second))

    answer = client.post(WORLD, form(**{"field.to": "mine", "resolve": "2"}, **place(first)))

    assert answer.status_code == 409
    assert "not shown" in text_of(answer)


def test_saving_what_stands_there_already_is_no_conflict() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    first = saved(client, **{"field.to": "a"})
    saved(client, **{"field.to": "b"}, **place(first))

    assert saved(client, **{"field.to": "b"}, **place(first))["version"] == 2


def test_a_submitted_draft_is_gone_and_one_that_was_refused_stays() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    told = saved(client, **{"field.to": "nowhere"})

    refused = send_form(client, "move_agent", to="nowhere", **place(told))
    assert (refused.status_code, Draft.objects.count()) == (422, 1)
    assert tuple(refused.context["place"]) == (told["draft"], 1)
    taken = send_form(client, "move_agent", to="hub", **place(told))

    assert (taken.status_code, Draft.objects.count()) == (303, 0)


def test_submitting_leaves_what_another_tab_has_written_since() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    first = saved(client, **{"field.to": "hub"})
    saved(client, **{"field.to": "elsewhere"}, **place(first))

    send_form(client, "move_agent", to="hub", **place(first))

    assert json.loads(Draft.objects.get().content)["fields"] == {"to": "elsewhere"}


def test_a_draft_is_its_writer_s_alone() -> None:
    found_world()
    eve = browser_of("eve", Role.OPERATOR)
    told = saved(eve, **{"field.to": "secret"})
    mallory = browser_of("mallory", Role.MAINTAINER)

    for address in (WORLD, DRAFTS):
        assert "secret" not in text_of(mallory.get(address))
    assert mallory.get(WORLD, {"draft": told["draft"]}).status_code == 404
    overwritten = mallory.post(DRAFTS, form(**{"field.to": "mine"}, **place(told)))
    assert overwritten.json()["draft"] != told["draft"]
    mallory.post(DRAFTS, {"delete": told["draft"]})
    assert Draft.objects.filter(draft_id=told["draft"]).count() == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_who_may_only_look_keeps_no_drafts(role: Role) -> None:
    found_world()

    assert browser_of("eve", role).post(DRAFTS, form(**{"field.to": "x"})).status_code == 403


def test_drafts_are_listed_opened_and_deleted() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    told = saved(client, **{"field.to": "harbour"})
    assert f"{WORLD}?draft={told['draft']}#new" in text_of(client.get(DRAFTS))

    answer = client.post(DRAFTS, {"delete": told["draft"]})

    assert answer.status_code == 303
    assert "You have no drafts here" in text_of(client.get(DRAFTS))


def test_drafts_are_bounded_in_number_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 1)
    monkeypatch.setattr(drafts, "LARGEST_DRAFT_BYTES", 2000)
    told = saved(client, **{"field.to": "one"})

    second = client.post(DRAFTS, form(**{"field.to": "two"}))
    large = client.post(DRAFTS, form(**{"field.to": "x" * 3000}, **place(told)))

    for answer, code in ((second, "too_many_drafts"), (large, "draft_too_large")):
        assert answer.status_code == 422
        assert answer.json()["rejection"]["code"] == code


@pytest.mark.parametrize("version", ["", "x", "-1", "1" * 30, "\u0662"])
def test_a_version_that_is_none_starts_another_draft(version: str) -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    told = saved(client, **{"field.to": "a"})

    assert saved(client, draft=told["draft"], version=version)["draft"] != told["draft"]


def test_a_draft_deleted_elsewhere_is_kept_again_when_it_is_saved() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    told = saved(client, **{"field.to": "a"})
    client.post(DRAFTS, {"delete": told["draft"]})

    assert saved(client, **{"field.to": "b"}, **place(told))["version"] == 1


def test_a_new_cell_leaves_the_drafts_as_they_are() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    saved(client, **{"field.to": "a"})

    page = client.get(WORLD, {"new": "1"})

    assert page.context["composed"].is_blank
    assert page.context["drafts_kept"] == 1


@pytest.mark.parametrize("text", ["a\0b", "</pre><script>alert(1)</script>", "\U0001f600" * 50])
def test_a21_any_text_is_kept_and_shown_as_text(text: str) -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    told = saved(client, **{"field.to": text})

    page = client.get(WORLD)
    stale = client.post(DRAFTS, form(**{"field.to": "x"}, draft=told["draft"], version="0"))

    assert page.context["composed"].fields["to"] == text
    assert "<script>alert" not in text_of(page) + text_of(stale) + text_of(client.get(DRAFTS))
    assert not Decision.objects.exists()


def test_a_save_that_was_not_answered_is_not_kept_twice_when_it_is_sent_again() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    lost = saved(client, **{"field.to": "a"})

    again = saved(client, **{"field.to": "a", "again": "1"})
    other = saved(client, **{"field.to": "b", "again": "1"})

    assert again == lost
    assert other["draft"] != lost["draft"]
    assert Draft.objects.count() == 2
