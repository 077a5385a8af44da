"""Words for tests of the admin: a world with something in every table, and a logged-in browser.

Nothing here checks anything.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from lifecycle.access.callers import get_any_world
from lifecycle.access.roles import grant
from lifecycle.models.jobs import CompileJob, Rebuild
from lifecycle.models.runs import AgentRun, AgentTurn, RunState, TurnState
from lifecycle.models.worlds import Role, World
from lifecycle.usecases.changes import By
from lifecycle.usecases.check_jobs import CheckRequest, ask_check, run_check
from lifecycle.usecases.checkpoints import make_checkpoint
from lifecycle.usecases.clock import new_id, utc_now
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.compilers import report_toolchains
from lifecycle.usecases.invitations import Wanted, invite
from lifecycle.usecases.rebuilds import request_rebuild
from tests.service import compile_source, decide, deploy, found_world, hash_of, install, wasm

WAT = '(module (func (export "tick") (result i32) i32.const 7))'
# What holds a lease; no page may show it.
CANARY = "7e0d1f3a-canary-of-a-lease"


def fill_world(slug: str = "demo") -> None:
    """Found a world and leave a row in each of its tables."""
    found_world(slug)
    deploy("ada", wasm(), world=slug)
    install("ada", wasm(), "clock", world=slug)
    decide("ada", "move_agent", to="nowhere", world=slug)
    compile_source("ada", "lamp", "lamp.wat", {"lamp.wat": WAT}, world=slug)
    for job in CompileJob.objects.filter(world__slug=slug):
        run_job(job.pk)
    report_toolchains()
    run_a_model(slug)
    invite(get_any_world(slug), Wanted("viewer", "for <b>Vic</b>"), By("eve", "notebook"))
    world = get_any_world(slug)
    Rebuild.objects.filter(pk=request_rebuild(world, hash_of(wasm()), "eve")).update(
        lease_token=CANARY
    )
    check = ask_check(get_any_world(slug), CheckRequest("eve", "notebook"))
    run_check(check.pk)
    make_checkpoint(slug, account="eve", channel="notebook")


def found(client: Client, table: str, **query: str) -> list[Any]:
    """Give the rows that a list shows under a search or filter."""
    page = client.get(f"/admin/lifecycle/{table}/", query)
    assert page.status_code == 200
    return list(page.context["cl"].result_list)


def run_a_model(slug: str) -> AgentTurn:
    """Leave a run of one turn, whose model said what only a hostile one says."""
    now = utc_now()
    run = AgentRun.objects.create(
        world=World.objects.get(slug=slug),
        run_id=new_id(),
        agent_id="ada",
        model="scripted",
        base_url="http://127.0.0.1:9/v1",
        dialect="text",
        turns_wanted=1,
        turns_taken=1,
        state=RunState.FINISHED,
        created_at=now,
        enqueued_at=now,
        lease_token=CANARY,
    )
    return AgentTurn.objects.create(
        run=run,
        number=1,
        state=TurnState.DONE,
        started_at=now,
        dialect="text",
        prompt_digest=hash_of(b"a prompt"),
        steps=json.dumps([{"answer": "<script>alert(1)</script> I wait."}]),
        outcome="applied",
        tokens_in=812,
        tokens_out=21,
        latency_ms=1234,
    )


def superuser() -> Client:
    """Give a browser of an account that may do all that can be done."""
    client = Client()
    client.force_login(User.objects.create_superuser("root", password=None))
    return client


def auditor(name: str = "eve", *worlds: str, role: Role = Role.AUDITOR) -> tuple[Client, User]:
    """Give a browser of an account with a role in some worlds, and the account."""
    account = User.objects.create_user(name)
    for slug in worlds:
        grant(World.objects.get(slug=slug), account, role)
    client = Client()
    client.force_login(account)
    return client, account


def admin_addresses(object_id: str) -> list[str]:
    """Enumerate every address below ``/admin/`` from the resolver, with one object's id."""
    return sorted(set(_addresses(get_resolver().url_patterns, "/", object_id)))


def _addresses(
    patterns: list[URLPattern | URLResolver], prefix: str, object_id: str
) -> Iterator[str]:
    for entry in patterns:
        address = prefix + _plain(str(entry.pattern), object_id)
        if isinstance(entry, URLResolver):
            yield from _addresses(entry.url_patterns, address, object_id)
        elif address.startswith("/admin/"):
            yield address


def _plain(pattern: str, object_id: str) -> str:
    pattern = pattern.replace("<int:pk>", object_id)
    # The catch-all and the list of applications are regular expressions; the rest are paths.
    pattern = re.sub(r"\(\?P<app_label>[^)]*\)", "lifecycle", pattern)
    pattern = re.sub(r"\(\?P<url>[^)]*\)", "nothing", pattern)
    pattern = re.sub(r"<path:[^>]*>|<int:[^>]*>|<id>", object_id, pattern)
    return pattern.replace("^", "").replace("$", "")


def rows_of(table: str) -> list[tuple[object, ...]]:
    """Give all rows of a table as the database holds them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 - tables of the code
        return list(cursor.fetchall())
