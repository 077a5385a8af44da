"""The neighbourhood of a thing: what led to it, what it led to, and no more than was asked for."""

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lifecycle.access.callers import get_any_world
from lifecycle.models.jobs import CompileJob, JobState
from lifecycle.models.projections import Artifact, Install, InstalledModule
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.queries.lineage import (
    MOST_NODES,
    Key,
    Lineage,
    lineage_around,
    newest_key,
)
from lifecycle.usecases.queries.lineage_search import find_key
from tests.service import decide, deploy, found_world, hash_of, install, wasm
from tests.usecases.histories import compile_wat, job_of, varied_world

pytestmark = pytest.mark.django_db


def around(key: Key, *, depth: int = 6, fan: int = 24) -> Lineage:
    return lineage_around(get_any_world("demo"), key, depth=depth, fan=fan)


def found(text: str, world: str = "demo") -> Key | None:
    return find_key(get_any_world(world), text)


def edges_of(lineage: Lineage) -> set[tuple[str, str]]:
    return {(str(edge.source), str(edge.target)) for edge in lineage.edges}


def test_sources_lead_to_a_module_by_compile_artifact_and_install() -> None:
    found_world()
    compile_wat("ada")
    job = CompileJob.objects.get()
    wasm_hash = str(job.wasm_hash)
    decide("ada", "install_module_from_artifact", module_id="clock", wasm_hash=wasm_hash)
    chain = [
        f"source:{job.source_digest}",
        "compile:5",
        f"artifact:{wasm_hash}",
        "install:7",
        "module:clock",
    ]

    for name in chain:
        kind, _, rest = name.partition(":")
        lineage = around(Key(kind, rest))
        assert edges_of(lineage) == set(pairwise(chain))
        assert {str(node.key) for node in lineage.nodes} == set(chain)
        assert not lineage.cut


def test_an_upload_stands_where_a_compile_would() -> None:
    found_world()
    deploy("ada", wasm())
    deploy("bob", wasm())

    lineage = around(Key("artifact", hash_of(wasm())))

    titles = {(str(node.key), node.title) for node in lineage.nodes if node.key.kind == "compile"}
    assert titles == {("compile:5", "upload"), ("compile:6", "upload")}
    assert edges_of(around(Key("compile", "5"))) == edges_of(lineage)


def test_a_refused_compile_leads_nowhere_and_says_so() -> None:
    varied_world()
    failed = CompileJob.objects.get(state=JobState.FAILED)

    [source, compiled] = sorted(
        around(Key("compile", str(failed.request_seq))).nodes, key=lambda node: -node.distance
    )

    assert (source.key.kind, compiled.state) == ("source", "failed")


def test_no_more_steps_are_taken_than_were_asked_for() -> None:
    found_world()
    deploy("ada", wasm())
    install("ada", wasm(), "clock")

    one = around(Key("artifact", hash_of(wasm())), depth=1)

    assert {node.key.kind for node in one.nodes} == {"compile", "artifact", "install"}
    assert {node.distance for node in one.nodes} == {0, 1}


def test_of_many_neighbours_the_last_are_shown_and_the_others_counted() -> None:
    found_world()
    for number in range(5):
        deploy("ada", wasm(number))
        install("ada", wasm(number), "clock")

    lineage = around(Key("module", "clock"), depth=1, fan=2)

    [module, *installs] = lineage.nodes
    assert (module.more, lineage.cut) == (3, True)
    assert [node.state for node in installs] == ["active", "replaced"]


def test_what_is_named_is_found_by_any_of_its_names() -> None:
    found_world()
    sent = deploy("ada", wasm(), module_id="clock")
    placed = install("ada", wasm(), "clock")
    artifact = Key("artifact", hash_of(wasm()))

    assert found(f" 0x{hash_of(wasm()).upper()} ") == artifact
    assert found(str(sent.decision_id)) == artifact
    assert found("5") == found("event:5") == artifact
    assert found("compile:5") == Key("compile", "5")
    assert found("clock") == found("module:clock") == Key("module", "clock")
    assert found(f"decision:{placed.decision_id}") == Key("install", "6")
    assert newest_key(get_any_world("demo")) == artifact


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "nothing", "module:nothing", "0", "4", "99", "9" * 30, "\u0663"),
        *("0" * 64, "source:" + "0" * 64, "artifact:beef", "install:x", "compile:-1"),
        "decision:<b>",
    ],
)
def test_what_names_nothing_is_not_found(text: str) -> None:
    found_world()
    deploy("ada", wasm())

    assert found(text) is None


def test_what_belongs_to_another_world_is_not_found() -> None:
    found_world()
    found_world("theirs")
    sent = deploy("ada", wasm(), world="theirs")
    install("ada", wasm(), "clock", world="theirs")
    assert found("clock", "theirs") is not None

    for text in (hash_of(wasm()), str(sent.decision_id), "clock", "5"):
        assert found(text) is None
    assert around(Key("artifact", hash_of(wasm()))).nodes == []


def test_a_compile_without_a_decision_of_ours_is_not_needed_to_draw_it() -> None:
    varied_world()

    for job in CompileJob.objects.all():
        assert around(Key("compile", str(job.request_seq))).nodes


def crowd(artifacts: int) -> None:
    """Write the rows of so many artifacts, all of one source and all installed as one module."""
    world_pk = get_any_world("demo").pk
    many = range(1, artifacts + 1)
    Artifact.objects.bulk_create(
        (artifact_row(world_pk, number) for number in many), batch_size=500
    )
    CompileJob.objects.bulk_create(
        (compile_row(world_pk, number) for number in many), batch_size=500
    )
    Install.objects.bulk_create((install_row(world_pk, number) for number in many), batch_size=500)
    InstalledModule.objects.create(
        world_id=world_pk,
        module_id="clock",
        module_version="1",
        wasm_hash="1".zfill(64),
        installer_agent_id="ada",
        install_target="self_agent",
        active=True,
        installed_at_tick=1,
        installed_seq=11,
    )


def artifact_row(world_pk: int, number: int) -> Artifact:
    return Artifact(
        world_id=world_pk,
        wasm_hash=f"{number:064x}",
        publisher_agent_id="ada",
        bytes_len=8,
        module_id_hint="clock",
        deployed_at_tick=number,
        deployed_seq=10 * number,
    )


def compile_row(world_pk: int, number: int) -> CompileJob:
    now = utc_now()
    return CompileJob(
        world_id=world_pk,
        request_seq=10 * number - 1,
        decision_id="d",
        publisher_agent_id="ada",
        module_id="clock",
        toolchain="wat",
        source_digest="f" * 64,
        state=JobState.SUCCEEDED,
        wasm_hash=f"{number:064x}",
        requested_at=now,
        enqueued_at=now,
    )


def install_row(world_pk: int, number: int) -> Install:
    return Install(
        world_id=world_pk,
        seq=10 * number + 1,
        tick=number,
        module_id="clock",
        module_version="1",
        wasm_hash=f"{number:064x}",
        installer_agent_id="ada",
        active=True,
    )


@pytest.mark.parametrize("key", [Key("source", "f" * 64), Key("module", "clock")])
def test_ten_thousand_artifacts_cost_no_more_queries_and_no_scan(key: Key) -> None:
    found_world()
    crowd(10_000)

    with CaptureQueriesContext(connection) as queries:
        lineage = around(key, depth=6, fan=24)

    assert len(lineage.nodes) == MOST_NODES
    assert lineage.cut
    assert lineage.nodes[0].more >= 976
    # At most four look-ups a node, and two a kind to describe them.
    assert len(queries) <= 4 * MOST_NODES + 10
    if connection.vendor == "sqlite":
        plans = [plan_of(query["sql"]) for query in queries if query["sql"].startswith("SELECT")]
        assert not [plan for plan in plans if "SCAN" in plan]


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"))
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_a_job_of_a_request_is_drawn_at_its_request() -> None:
    varied_world()
    outcome = decide(
        "ada",
        "compile_module_artifact_from_source",
        module_id="clock",
        manifest_path="x.wat",
        source_files={"x.wat": "(module)"},
    )

    [waiting] = [
        node
        for node in around(Key("compile", str(job_of(outcome).request_seq))).nodes
        if node.key.kind == "compile"
    ]

    assert waiting.state == "queued"
