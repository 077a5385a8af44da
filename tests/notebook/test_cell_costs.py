"""A long world's notebook costs what a short one's does: as many queries, and each by key."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lifecycle.models.decisions import Decision
from lifecycle.models.worlds import Role, World
from tests.notebook.people import GOOD_WAT, browser_of, run_compiles
from tests.service import compile_source, decide, deploy, found_world, install, wasm

pytestmark = pytest.mark.django_db


def live_round() -> None:
    """Let a world have one cell of each kind."""
    compile_source("ada", "clock", "clock.wat", {"clock.wat": GOOD_WAT})
    run_compiles()
    deploy("ada", wasm())
    install("ada", wasm(), "lamp")
    decide("ada", "move_agent", to="nowhere")
    decide("bob", "wait")


def queries_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code in {200, 303}
    return [query["sql"] for query in captured]


def addresses() -> list[str]:
    ids = [
        str(name) for name in Decision.objects.order_by("-pk").values_list("decision_id", flat=True)
    ]
    shown = f"oldest={ids[-1]}&newest={ids[1]}"
    return [
        "",
        f"?before={ids[0]}",
        "?agent=ada",
        "?status=rejected",
        "?kind=wait",
        "?agent=ada&status=rejected&kind=move_agent",
        f"cells/?before={ids[0]}",
        f"live/?v=4.0&{shown}",
        "find/?q=5",
        f"find/?q={ids[-1]}",
    ]


def plan_of(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            return [str(row[3]) for row in cursor.fetchall()]
        # With so few rows PostgreSQL would rather scan; forbidden to, it tells whether it must.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        told = cursor.fetchone()
        return _nodes_of(told[0] if isinstance(told[0], list) else json.loads(told[0]))


def _nodes_of(plan: object) -> list[str]:
    if isinstance(plan, list):
        return [node for part in plan for node in _nodes_of(part)]
    if not isinstance(plan, dict):
        return []
    own = [f"{plan['Node Type']} {plan.get('Relation Name', '')}"] if "Node Type" in plan else []
    return own + [node for part in plan.values() for node in _nodes_of(part)]


def is_scan(step: str) -> bool:
    """Say whether a step reads a whole table of those that grow with a world."""
    grows = any(name in step for name in ("decision", "event", "artifact", "module", "publication"))
    return grows and (step.startswith(("SCAN", "Seq Scan")))


def test_no_query_of_a_notebook_reads_a_whole_table() -> None:
    found_world()
    live_round()
    client = browser_of("eve", Role.OPERATOR)

    asked = [sql for one in addresses() for sql in queries_of(client, f"/worlds/demo/{one}")]
    read = [sql for sql in asked if sql.startswith("SELECT") and "lifecycle_" in sql]
    scans = [(step, sql) for sql in read for step in plan_of(sql) if is_scan(step)]

    assert len(read) > len(addresses())
    assert scans == []


def test_the_check_of_plans_sees_a_scan() -> None:
    found_world()

    steps = plan_of("SELECT * FROM lifecycle_decision WHERE submitted_at = 'never'")

    assert any(is_scan(step) for step in steps)


def test_a_longer_record_costs_no_more_queries() -> None:
    found_world()
    client = browser_of("eve", Role.OPERATOR)
    costs = []
    for _ in range(2):
        for _ in range(6):
            live_round()
        costs.append([len(queries_of(client, f"/worlds/demo/{one}")) for one in addresses()])

    assert World.objects.count() == 1
    assert costs[0] == costs[1]
