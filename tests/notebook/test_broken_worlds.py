"""What the pages say of a world whose history is known to be broken: no more than is true."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from lifecycle.access.roles import grant
from lifecycle.journal.store import get_head
from lifecycle.models.audits import CheckJob
from lifecycle.models.decisions import Decision
from lifecycle.models.worlds import Role, World
from lifecycle.usecases.check_jobs import run_check
from lifecycle.usecases.verify import verify_world
from tests.journal.tampering import tamper
from tests.notebook.people import browser_of, send_form, text_of
from tests.service import decide, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db
BODY = "UPDATE lifecycle_journalevent SET body = %s WHERE seq = 6"
HASH, OTHER = hash_of(wasm()), hash_of(wasm(2))

# What somebody with the database's password did, and whether events past 5 can be replayed.
FAULTS: dict[str, tuple[str, list[str]]] = {
    "altered": (
        "UPDATE lifecycle_journalevent SET body = replace(body, %s, %s) WHERE seq = 6",
        ['"tick"', '"tack"'],
    ),
    "no JSON": (BODY, ["no JSON"]),
    "no event": (BODY, ['{"kind": "ModuleInstalled", "seq": 6, "payload": {}}']),
    "deleted": ("DELETE FROM lifecycle_journalevent WHERE seq = 6", []),
    "cut off": ("DELETE FROM lifecycle_journalevent WHERE seq >= 6", []),
    "content": ("DELETE FROM lifecycle_content", []),
    "tables": ("DELETE FROM lifecycle_publication", []),
}


def live() -> Client:
    """Found a world of nine events and give an operator's browser."""
    found_world()
    for number in (1, 2):
        deploy("ada", wasm(number), module_id="clock")
        install("ada", wasm(number), "clock")
    decide("bob", "wait")
    return browser_of("eve", Role.OPERATOR)


def broken(fault: str = "altered") -> Client:
    """Give a browser at a world whose fault a check has found."""
    client = live()
    tamper(*FAULTS[fault])
    assert not verify_world("demo").ok
    return client


def addresses() -> list[str]:
    """Give the addresses of a world that a history stands behind."""
    ids = [str(pk) for pk in Decision.objects.values_list("decision_id", flat=True)]
    artifact = f"artifacts/{HASH}/"
    return [
        *["", "live/", "cells/", "events/", "lineage/", "artifacts/", "modules/", "checkpoints/"],
        *[
            f"lineage/?around={HASH}",
            "lineage/?around=clock",
            "runs/",
            "agents/",
            "team/",
            "drafts/",
        ],
        *["at/", *[f"at/?seq={seq}" for seq in range(1, 10)], "find/?q=5", "agents/ada/"],
        *[artifact, f"{artifact}wasm", f"{artifact}compare/", f"{artifact}compare/{OTHER}/"],
        *[f"{page}{pk}{end}" for pk in ids for page, end in (("decisions/", "/"), ("?from=", ""))],
    ]


@pytest.mark.parametrize("fault", list(FAULTS))
def test_no_page_of_a_broken_world_fails(fault: str) -> None:
    client = broken(fault)

    answers = {at: client.get(f"/worlds/demo/{at}", follow=True) for at in addresses()}

    for at, answer in answers.items():
        assert answer.status_code in {200, 409}, (at, answer.status_code)
        if answer.status_code == 409:
            assert "is broken" in text_of(answer), at
    assert answers["events/"].status_code == 200
    assert answers["at/?seq=4"].status_code == 200


@pytest.mark.parametrize("fault", ["altered", "no JSON", "deleted", "cut off"])
def test_the_past_beyond_a_fault_names_it_and_what_can_be_looked_at(fault: str) -> None:
    client = broken(fault)

    for address in ("at/?seq=6", "at/?seq=9", "at/"):
        answer = client.get(f"/worlds/demo/{address}")
        assert answer.status_code == 409, address
        assert "The journal is broken at event 6" in text_of(answer)
        assert 'href="?seq=5"' in text_of(answer)
        assert 'href="/worlds/demo/events/"' in text_of(answer)
    assert client.get("/api/v1/worlds/demo/state/").json()["facts"]["seq"] == 6


def test_a_state_that_was_kept_before_the_fault_was_found_is_not_shown_past_it() -> None:
    client = live()
    assert client.get("/worlds/demo/at/").status_code == 200
    tamper(*FAULTS["altered"])
    verify_world("demo")

    assert client.get("/worlds/demo/at/").status_code == 409
    assert client.get("/api/v1/worlds/demo/state/").status_code == 409
    assert client.get("/worlds/demo/at/?seq=5").status_code == 200


@pytest.mark.parametrize("address", ["/worlds/demo/at/?seq=9", "/api/v1/worlds/demo/state/?at=9"])
def test_who_meets_a_fault_that_no_check_has_found_has_the_world_checked(address: str) -> None:
    client = live()
    tamper(*FAULTS["altered"])

    for _ in range(2):
        assert client.get(address).status_code == 409

    job = CheckJob.objects.get()
    assert (job.account, job.from_seq, job.to_seq) == (None, 1, None)
    run_check(job.pk)
    assert get_head("demo").fault_code is not None
    assert client.get(address).status_code == 409
    assert CheckJob.objects.count() == 1, "what is known is not asked for again"


def test_the_export_of_a_world_that_is_known_to_be_broken_is_refused_at_once() -> None:
    client = live()
    tamper(*FAULTS["altered"])
    verify_world("demo")

    answer = client.get("/api/v1/worlds/demo/export/")

    assert answer.status_code == 409
    assert answer.json()["code"] == "journal_broken"


def test_the_notebook_of_a_broken_world_claims_no_replay_and_is_closed() -> None:
    client = live()
    before = text_of(client.get("/worlds/demo/"))
    assert "no replay" not in before
    assert 'id="send">' in before
    tamper(*FAULTS["altered"])
    verify_world("demo")

    page = text_of(client.get("/worlds/demo/"))

    assert "gives the same" not in page
    assert "no replay vouches for it" in page
    assert 'id="pulse" role="status" data-broken' in page
    assert 'id="send" disabled' in page
    assert "This world takes nothing new" in page


def test_where_only_tables_differ_no_page_says_that_the_history_is_broken() -> None:
    client = broken("tables")

    page = text_of(client.get("/worlds/demo/"))
    told = text_of(client.get("/worlds/demo/live/", {"v": "0"}))

    for text in (page, told):
        assert "history is broken" not in text
        assert "written into a fork" not in text
        assert "its tables differ from its history" in text
        assert "they differ from the history, which is whole" in text
        assert 'data-broken="tables"' in text
    assert "tables differ</span>" in text_of(client.get("/"))


def test_the_first_bad_event_is_marked_wherever_it_is_shown() -> None:
    client = broken()
    found = Decision.objects.get(first_seq=6)
    other = Decision.objects.get(first_seq=7)

    assert text_of(client.get("/worlds/demo/events/")).count("first bad event") == 1
    assert text_of(client.get(f"/worlds/demo/decisions/{found.decision_id}/")).count(MARK) == 1
    assert MARK not in text_of(client.get(f"/worlds/demo/decisions/{other.decision_id}/"))
    page = text_of(client.get("/worlds/demo/"))
    cell = page.partition(f'id="cell-{found.decision_id}"')[2].partition("</article>")[0]
    assert cell.count(MARK) == 1
    # Once more in the list beside the cells.
    assert page.count(MARK) == 2


MARK = "first bad event</span>"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MAINTAINER, Role.OPERATOR, Role.VIEWER])
def test_who_may_audit_a_broken_world_is_led_to_its_checks(role: Role) -> None:
    broken()
    found_world("other")
    client = browser_of("aud", role)
    elsewhere = browser_of("far", Role.VIEWER)
    grant(World.objects.get(slug="other"), User.objects.get(username="far"), Role.AUDITOR)
    link = f'href="/admin/lifecycle/world/{World.objects.get(slug="demo").pk}/change/"'

    page = text_of(client.get("/worlds/demo/"))

    may_audit = role in {Role.AUDITOR, Role.MAINTAINER}
    assert (link in page) is may_audit
    assert link not in text_of(elsewhere.get("/worlds/demo/"))
    if may_audit:
        assert client.get(link[6:-1]).status_code == 200


def test_no_form_that_a_broken_world_refuses_is_open(settings: Settings) -> None:
    changes = {"models": "m=http://127.0.0.1:9/v1"}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=changes)
    live()
    client = browser_of("mia", Role.MAINTAINER)
    forms = (
        ("runs/", "Start"),
        ("agents/", "Add it and show its token"),
        ("agents/", "Add a place"),
    )
    for address, words in forms:
        assert f">{words}</button>" in text_of(client.get(f"/worlds/demo/{address}"))
    tamper(*FAULTS["altered"])
    verify_world("demo")

    for address, words in forms:
        assert f" disabled>{words}</button>" in text_of(client.get(f"/worlds/demo/{address}"))


def test_what_a_broken_world_does_not_take_is_answered_409_by_every_form(
    settings: Settings,
) -> None:
    changes = {"models": "m=http://127.0.0.1:9/v1"}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=changes)
    broken()
    client = browser_of("mia", Role.MAINTAINER)
    run = {"agent_id": "ada", "model": "m", "dialect": "tools", "turns": "2", "goal": ""}

    answers = [
        client.post("/worlds/demo/agents/", {"agent_id": "cyd"}),
        client.post("/worlds/demo/places/", {"location_id": "quay"}),
        client.post("/worlds/demo/runs/", run),
    ]

    for answer in answers:
        assert answer.status_code == 409
        assert text_of(answer).count("broken at event 6") == 2


def test_the_closed_composer_keeps_what_is_written() -> None:
    client = broken()

    sent = send_form(client, "wait_ticks", ticks="88", htmx=True)

    assert sent.status_code == 409
    assert 'value="88"' in text_of(sent)
    assert 'id="send" disabled' in text_of(sent)
    assert "This world takes nothing new" in text_of(sent)


def test_an_open_page_learns_that_its_world_is_broken_and_that_it_is_mended() -> None:
    client = live()
    tamper(*FAULTS["altered"])

    def version() -> str:
        page = text_of(client.get("/worlds/demo/"))
        return page.partition('name="v" value="')[2].partition('"')[0]

    whole = version()
    verify_world("demo")
    told = text_of(client.get("/worlds/demo/live/", {"v": whole}))
    known = version()
    sql, (before, after) = FAULTS["altered"]
    tamper(sql, [after, before])
    assert verify_world("demo").ok
    mended = text_of(client.get("/worlds/demo/live/", {"v": known}))

    assert "data-broken" in told
    assert 'id="broken"' in told
    assert "This world takes nothing new" in told
    assert "data-broken" not in mended
    assert '<div id="closed" hidden' in mended
    assert '<div id="history" hidden' in mended
