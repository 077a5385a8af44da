"""What the audit pages show: hashes in any spelling, the own worlds, no secrets, no script."""

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lifecycle.admin.readonly import BoundedPaginator
from lifecycle.journal.store import get_head
from lifecycle.models.audits import CheckJob
from lifecycle.models.jobs import CompileJob, Rebuild
from lifecycle.models.journal import JournalEvent
from lifecycle.models.projections import Artifact, Publication
from lifecycle.models.runs import AgentTurn
from lifecycle.models.teams import Invitation
from lifecycle.models.worlds import AgentToken, Membership, Role, World
from tests.admin.auditing import CANARY, auditor, fill_world, superuser
from tests.notebook.people import text_of
from tests.service import decide, found_world, hash_of, wasm

pytestmark = pytest.mark.django_db

WORLD_TABLES = ["world", "journalevent", "artifact", "publication", "installedmodule"]
WORLD_TABLES += ["decision", "compilejob", "agenttoken", "membership"]
WORLD_TABLES += ["install", "rebuild", "invitation", "worldchange"]
WORLD_TABLES += ["agentrun", "agentturn", "checkjob", "checkresult", "checkpoint"]


def found(client: Client, table: str, **query: str) -> list[Any]:
    page = client.get(f"/admin/lifecycle/{table}/", query)
    assert page.status_code == 200
    return list(page.context["cl"].result_list)


@pytest.mark.parametrize("spelling", ["{}", "0x{}", "0X{}", "sha256:{}", " {} "])
@pytest.mark.parametrize("table", ["artifact", "publication", "content", "installedmodule"])
def test_a_hash_is_found_in_any_spelling(table: str, spelling: str) -> None:
    fill_world()
    name = spelling.format(hash_of(wasm()).upper())

    assert len(found(superuser(), table, q=name)) == 1


@pytest.mark.parametrize("spelling", ["{}", "0x{}", "sha256:{}", " {} "])
@pytest.mark.parametrize("table", ["artifact", "publication", "content", "installedmodule"])
def test_a_hash_is_found_by_the_beginning_that_pages_show(table: str, spelling: str) -> None:
    fill_world()
    client = superuser()
    shown = hash_of(wasm())[:6]
    other = f"{shown[:-1]}{'1' if shown[-1] == '0' else '0'}"

    assert len(found(client, table, q=spelling.format(shown.upper()))) == 1
    assert found(client, table, q=spelling.format(other)) == []


def test_an_event_is_found_by_its_hash_its_kind_and_its_decision() -> None:
    fill_world()
    client = superuser()
    event = JournalEvent.objects.get(kind="ModuleInstalled")

    for term in (event.hash, f"0x{event.hash.upper()}", event.kind, event.decision_id or ""):
        assert event in found(client, "journalevent", q=term)


@pytest.mark.parametrize("spelling", ["{0}", "0x{0}", "sha256:{0}", "{0:.12}"])
def test_events_are_found_by_the_bytes_and_the_sources_that_they_are_about(spelling: str) -> None:
    fill_world()
    fill_world("other")
    client, _ = auditor("eve", "demo")
    compiled = CompileJob.objects.get(world__slug="demo")

    def kinds(digits: str | None) -> list[str]:
        rows = found(client, "journalevent", q=spelling.format(digits))
        assert {row.world.slug for row in rows} == {"demo"}
        return [row.kind for row in rows]

    asked, made = "ModuleCompileRequested", "ModuleArtifactDeployed"
    assert kinds(hash_of(wasm())) == ["ModuleInstalled", made]
    assert kinds(compiled.wasm_hash) == [made, asked]
    assert kinds(compiled.source_digest) == [asked]


@pytest.mark.parametrize(
    "query",
    [{"kind": "ModuleInstalled"}, {"world": "demo"}, {"since": "day"}, {"q": "0" * 64}],
)
def test_events_are_filtered(query: dict[str, str]) -> None:
    fill_world()
    found_world("theirs")

    rows = found(superuser(), "journalevent", **query)

    kept = JournalEvent.objects.all()
    if "kind" in query:
        kept = kept.filter(kind="ModuleInstalled")
    if "world" in query:
        kept = kept.filter(world__slug="demo")
    if "q" in query:
        kept = kept.filter(prev_hash="0" * 64)
    assert {row.pk for row in rows} == set(kept.values_list("pk", flat=True))
    assert rows


@pytest.mark.parametrize("table", ["artifact", "publication", "decision", "compilejob"])
def test_an_agents_rows_are_found_by_its_name(table: str) -> None:
    fill_world()
    client = superuser()

    assert found(client, table, q="ada")
    assert not found(client, table, q="bob")


@pytest.mark.parametrize("table", WORLD_TABLES)
def test_a07_an_auditor_sees_the_own_worlds_in_lists_and_rows(table: str) -> None:
    fill_world()
    fill_world("theirs")
    client, _ = auditor("eve", "demo")
    other, _ = auditor("mallory", "theirs")

    ours, theirs = found(client, table), found(other, table)

    assert ours
    assert theirs
    assert not {row.pk for row in ours} & {row.pk for row in theirs}
    hidden = client.get(f"/admin/lifecycle/{table}/{theirs[0].pk}/change/")
    unknown = client.get(f"/admin/lifecycle/{table}/999999/change/")
    assert hidden.status_code == unknown.status_code == 302


def test_content_of_all_worlds_is_a_superusers_to_see() -> None:
    fill_world()
    client, _ = auditor("eve", "demo")

    assert client.get("/admin/lifecycle/content/").status_code == 403
    assert client.get("/admin/lifecycle/moduleinspection/").status_code == 403


@pytest.mark.parametrize(
    ("role", "answer"),
    [(Role.AUDITOR, 200), (Role.MAINTAINER, 200), (Role.OPERATOR, 403), (Role.VIEWER, 403)],
)
def test_the_audit_is_open_to_auditors_and_maintainers(role: Role, answer: int) -> None:
    found_world()
    client, _ = auditor("eve", "demo", role=role)

    opened = client.get("/admin/", follow=True)
    listed = client.get("/admin/lifecycle/journalevent/", follow=True)

    assert (opened.status_code, listed.status_code) == (answer, answer)


def test_who_is_auditor_of_one_world_and_viewer_of_another_audits_the_one() -> None:
    found_world()
    found_world("seen")
    client, account = auditor("eve", "demo")
    Membership.objects.create(
        world=World.objects.get(slug="seen"), account=account, role=Role.VIEWER
    )

    rows = found(client, "journalevent")

    assert {row.world.slug for row in rows} == {"demo"}


def test_a13_the_audit_has_no_log_in_of_its_own() -> None:
    found_world()

    answer = Client().get("/admin/lifecycle/journalevent/", follow=True)

    assert answer.redirect_chain[-1] == ("/login/?next=/admin/lifecycle/journalevent/", 302)
    elsewhere = Client().get("/admin/login/?next=https://evil.example/", follow=True)
    assert b"evil.example" not in elsewhere.content.split(b'name="next"')[0]


def test_a_turn_shows_what_its_model_said_as_text_and_no_lease() -> None:
    fill_world()
    client, _ = auditor("eve", "demo")
    turn = AgentTurn.objects.get()

    page = client.get(f"/admin/lifecycle/agentturn/{turn.pk}/change/").content.decode()
    listed = client.get("/admin/lifecycle/agentturn/").content.decode()
    run = client.get(f"/admin/lifecycle/agentrun/{turn.run_id}/change/").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt; I wait." in page
    assert "<script>alert" not in page
    for shown in (turn.prompt_digest or "", "1234", "812", "21"):
        assert shown in page
    assert ">scripted</td>" in listed
    assert CANARY not in page + run


def test_a09_a_token_shows_its_prefix_and_nothing_to_use() -> None:
    fill_world()
    client = superuser()
    token = AgentToken.objects.all()[0]

    pages = [
        client.get("/admin/lifecycle/agenttoken/").content.decode(),
        client.get(f"/admin/lifecycle/agenttoken/{token.pk}/change/").content.decode(),
    ]

    assert all(token.prefix in page for page in pages)
    assert not any(token.digest in page for page in pages)


def test_the_bytes_of_content_are_neither_read_nor_shown() -> None:
    fill_world()
    client = superuser()

    with CaptureQueriesContext(connection) as captured:
        found(client, "content")

    assert not [query for query in captured if '"compressed"' in query["sql"]]


def test_a21_hostile_names_are_text_in_the_admin() -> None:
    found_world()
    World.objects.update(name="<script>alert(1)</script>")
    decide("ada", "move_agent", to="nowhere", message_to_user="<img src=x onerror=alert(1)>")
    client = superuser()

    pages = [client.get(f"/admin/lifecycle/{table}/").content.decode() for table in WORLD_TABLES]
    for row in JournalEvent.objects.all():
        address = f"/admin/lifecycle/journalevent/{row.pk}/change/"
        pages.append(client.get(address).content.decode())

    assert "&lt;script&gt;alert(1)" in "".join(pages)
    assert not [page for page in pages if "<script>alert" in page or "<img src=x" in page]


def test_a_list_counts_no_further_than_it_shows() -> None:
    fill_world()

    with CaptureQueriesContext(connection) as captured:
        found(superuser(), "journalevent")

    counts = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    assert counts
    assert all(f"LIMIT {10_000}" in sql for sql in counts)
    assert BoundedPaginator(JournalEvent.objects.order_by("pk"), 2).num_pages > 1


def test_an_event_is_found_by_the_agent_that_decided() -> None:
    fill_world()
    client = superuser()

    kinds = {event.kind for event in found(client, "journalevent", q="ada")}

    assert {"ModuleArtifactDeployed", "ModuleInstalled"} <= kinds
    assert "WorldCreated" not in kinds
    assert not found(client, "journalevent", q="bob")


@pytest.mark.parametrize(
    ("first", "last", "there"),
    [
        ("", "", True),
        ("2000-01-01", "", True),
        ("", "2000-01-01", False),
        ("2999-01-01", "", False),
    ],
)
@pytest.mark.parametrize("table", ["journalevent", "decision"])
def test_rows_are_found_by_their_days(table: str, first: str, last: str, *, there: bool) -> None:
    fill_world()

    rows = found(superuser(), table, from_day=first, to_day=last)

    assert bool(rows) is there


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "9999-12-31"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    fill_world()

    answer = superuser().get("/admin/lifecycle/journalevent/", {"to_day": day})

    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/admin/lifecycle/journalevent/?e=1",
    )


def csv_of(client: Client, **query: str) -> list[list[str]]:
    answer = client.get("/admin/lifecycle/publication/csv/", query)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.getvalue().decode()
    return list(csv.reader(io.StringIO(text)))


def test_owners_and_hashes_are_a_table_of_the_rows_that_the_list_shows() -> None:
    fill_world()
    fill_world("theirs")
    client, _ = auditor("eve", "demo")

    columns, *rows = csv_of(client)
    chosen = csv_of(client, q=hash_of(wasm())[:6])

    assert columns[:4] == ["world", "wasm_hash", "owner_agent_id", "first_publisher_agent_id"]
    assert {row[0] for row in rows} == {"demo"}
    assert len(rows) == 2
    assert [row[1] for row in chosen[1:]] == [hash_of(wasm())]
    assert chosen[1][2:5] == ["ada", "ada", str(len(wasm()))]


@pytest.mark.parametrize("world", ["theirs", "nowhere", "", "a\0b"])
def test_there_is_no_table_of_a_world_that_is_not_the_auditors(world: str) -> None:
    fill_world()
    fill_world("theirs")
    client, _ = auditor("eve", "demo")
    address = "/admin/lifecycle/publication/csv/"

    foreign = client.get(address, {"world": world})

    assert foreign.status_code == 404
    assert csv_of(client, world="demo")[1:]
    assert superuser().get(address, {"world": "nowhere"}).status_code == 404
    assert client.get(address, {"e": "1", "world__slug__nothing": "x"}).status_code in {400, 404}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_table_is_a_formula(sign: str) -> None:
    fill_world()
    Publication.objects.update(agent_id=f"{sign}HYPERLINK()")

    _, row, _ = csv_of(superuser())

    assert row[2] == f"'{sign}HYPERLINK()"


@pytest.mark.parametrize(
    "address",
    [
        "world/{world}/check/",
        "world/{world}/sign/",
        "artifact/{artifact}/check/",
        "checkjob/{check}/live/",
    ],
)
def test_a07_what_is_asked_of_a_foreign_world_is_not_there(address: str) -> None:
    fill_world()
    found_world("own")
    client, _ = auditor("eve", "own")
    ids = {
        "world": World.objects.get(slug="demo").pk,
        "artifact": Artifact.objects.all()[0].pk,
        "check": CheckJob.objects.get().pk,
    }
    url = "/admin/lifecycle/" + address
    unknown = url.format(world=99_999, artifact=99_999, check=99_999)
    ask = client.get if "live" in address else client.post

    answers = [ask(url.format(**ids)), ask(unknown)]

    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [re.sub(rb'value="\w{64}"', b"", answer.content) for answer in answers]
    assert bodies[0] == bodies[1]
    assert CheckJob.objects.count() == 1


def test_the_first_page_shows_how_the_own_worlds_stand() -> None:
    fill_world()
    fill_world("theirs")
    client, _ = auditor("eve", "demo")

    page = client.get("/admin/").content.decode()

    assert ">demo</a>" in page
    assert "theirs" not in page
    assert "whole" in page
    assert f"event {get_head('demo').seq}</a>" in page


def test_the_admin_says_what_it_is() -> None:
    assert b"worldsim audit" in superuser().get("/admin/").content


def test_changes_and_invitations_are_found_and_show_nothing_to_use_them_by() -> None:
    fill_world()
    client = superuser()
    invitation = Invitation.objects.get()

    assert found(client, "invitation", q=invitation.prefix) == [invitation]
    assert found(client, "worldchange", q="eve", subject="invitation")
    assert found(client, "worldchange", q="eve", subject="token") == []
    for table, pk in (("invitation", invitation.pk), ("rebuild", Rebuild.objects.get().pk)):
        page = text_of(client.get(f"/admin/lifecycle/{table}/{pk}/change/"))
        assert invitation.digest not in page
        assert CANARY not in page
        assert "<b>Vic" not in page


def test_installs_and_rebuilds_are_found_by_their_hash() -> None:
    fill_world()
    client = superuser()

    for table in ("install", "rebuild"):
        assert len(found(client, table, q=f"0x{hash_of(wasm()).upper()}")) == 1
        assert len(found(client, table, q=hash_of(wasm())[:8])) == 1
        assert found(client, table, q="0" * 64) == []
