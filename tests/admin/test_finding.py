"""What the audit finds: by hash in any spelling, by kind, agent, decision and day."""

import pytest

from lifecycle.models.jobs import CompileJob, Rebuild
from lifecycle.models.journal import JournalEvent
from lifecycle.models.teams import Invitation
from tests.admin.auditing import CANARY, auditor, fill_world, found, superuser
from tests.notebook.people import text_of
from tests.service import found_world, hash_of, wasm

pytestmark = pytest.mark.django_db


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
