"""What the audit pages show: the own worlds, no secrets, no script. What is found stands apart."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lifecycle.access.callers import SeenWorld, get_any_world
from lifecycle.admin.readonly import BoundedPaginator
from lifecycle.journal.store import get_head
from lifecycle.models.audits import CheckJob
from lifecycle.models.journal import JournalEvent
from lifecycle.models.projections import Artifact
from lifecycle.models.runs import AgentTurn
from lifecycle.models.worlds import AgentToken, Membership, Role, World
from lifecycle.protocol.wording import describe
from lifecycle.usecases.check_jobs import CheckRequest, ask_check, run_check
from lifecycle.usecases.soundness import fault_facts, note_fault
from tests.admin.auditing import CANARY, auditor, fill_world, found, superuser
from tests.service import decide, found_world

pytestmark = pytest.mark.django_db

WORLD_TABLES = ["world", "journalevent", "artifact", "publication", "installedmodule"]
WORLD_TABLES += ["decision", "compilejob", "agenttoken", "membership"]
WORLD_TABLES += ["install", "rebuild", "invitation", "worldchange"]
WORLD_TABLES += ["agentrun", "agentturn", "checkjob", "checkresult", "checkpoint"]


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


def checked(world: SeenWorld, first: int = 1) -> None:
    run_check(ask_check(world, CheckRequest("eve", "notebook", from_seq=first)).pk)


@pytest.mark.parametrize(
    ("fault_seq", "code", "words"),
    [(5, "hash_mismatch", "broken at event 5"), (None, "tables_differ", "tables differ")],
)
def test_e15_a_known_fault_comes_before_what_a_later_check_of_a_part_found(
    fault_seq: int | None, code: str, words: str
) -> None:
    fill_world()
    client, _ = auditor("eve", "demo")
    world = World.objects.get()
    note_fault("demo", fault_seq, code)
    checked(get_any_world("demo"), first=3)

    pages = [
        client.get("/admin/").content.decode(),
        client.get(f"/admin/lifecycle/world/{world.pk}/change/").content.decode(),
    ]

    for page in pages:
        assert f'<span class="mark bad">{words}</span>' in page
    assert '<span class="mark good">whole</span>' not in pages[0]
    assert describe("world_broken", None, fault_facts("demo", fault_seq, code)).message in unescape(
        pages[1]
    )


def test_a_check_of_a_part_calls_no_world_whole() -> None:
    fill_world()
    client, _ = auditor("eve", "demo")
    checked(get_any_world("demo"), first=3)

    page = client.get("/admin/").content.decode()

    assert '<span class="mark good">whole</span>' not in page
    assert "no fault in a part" in page
    listed = client.get("/admin/lifecycle/checkjob/").content.decode()
    assert listed.count('<span class="mark good">whole</span>') == 1
    assert listed.count('<span class="mark good">no fault in it</span>') == 1


def test_e15_the_page_of_an_event_says_whether_anything_vouches_for_it() -> None:
    fill_world()
    client, _ = auditor("eve", "demo")
    note_fault("demo", 5, "hash_mismatch")

    def page(seq: int) -> str:
        row = JournalEvent.objects.get(seq=seq)
        return client.get(f"/admin/lifecycle/journalevent/{row.pk}/change/").content.decode()

    assert "not what was once appended" in page(5)
    assert "nothing vouches for this one" in page(6)
    assert "before the first fault" in page(4)


@pytest.mark.parametrize(
    "query",
    [
        "agenttoken/?digest__startswith=2",
        "invitation/?digest__startswith=2",
        "checkjob/?lease_token__startswith=7",
    ],
)
def test_a09_no_filter_tells_of_what_a_page_hides(query: str) -> None:
    fill_world()
    client = superuser()

    assert client.get(f"/admin/lifecycle/{query}").status_code == 400


def test_moments_are_written_alike() -> None:
    fill_world()
    client = superuser()

    for table in ("worldchange", "checkjob", "world", "journalevent", "decision", "artifact"):
        page = client.get(f"/admin/lifecycle/{table}/").content.decode()
        assert not re.search(r"\d (?:a|p)\.m\.|>20\d\d-\d\d-\d\dT", page), table


def test_the_admin_says_what_it_is() -> None:
    assert b"worldsim audit" in superuser().get("/admin/").content
