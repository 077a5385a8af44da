"""Who walks: one of each role, a stranger, a superuser, nobody, and agents. Checks nothing."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.test import Client

from lifecycle.access.callers import get_any_world
from lifecycle.models.jobs import CompileJob
from lifecycle.models.projections import Artifact
from lifecycle.models.teams import Invitation
from lifecycle.models.worlds import AgentToken, Role
from lifecycle.usecases.changes import By
from lifecycle.usecases.check_jobs import CheckRequest, ask_check
from lifecycle.usecases.checkpoints import make_checkpoint
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.invitations import Wanted, invite
from lifecycle.usecases.run_requests import RunRequest
from lifecycle.usecases.runs import TurnLease, claim_turn, start_run
from tests.notebook.people import account
from tests.service import compile_source, decide, deploy, found_world, hash_of, install, wasm

MEMBERS = ("viewer", "auditor", "operator", "maintainer")


@dataclass(frozen=True)
class Place:
    """A world with one of everything in it, and what nobody may find on a page."""

    values: dict[str, str]
    secrets: tuple[str, ...]
    tokens: dict[str, str]


def prepare() -> Place:
    """Found the world, and another one with a stranger in it."""
    tokens, others = found_world(), found_world("theirs", "zoe")
    deploy("ada", wasm())
    install("ada", wasm(), "clock")
    decision = decide("ada", "wait").decision_id or ""
    job = a_compile()
    compiled = Artifact.objects.exclude(wasm_hash=hash_of(wasm())).get(world__slug="demo")
    made = invite(get_any_world("demo"), Wanted("viewer"), By(None, "command"))
    turn = a_turn()
    check = ask_check(get_any_world("demo"), CheckRequest(None, "api"))
    checkpoint = make_checkpoint("demo", channel="command")
    make_accounts()
    values = {
        "str:world": "demo",
        "str:slug": "demo",
        "str:decision_id": decision,
        "str:wasm_hash": compiled.wasm_hash,
        "str:other_hash": hash_of(wasm()),
        "str:digest": job.source_digest,
        "str:module_id": "clock",
        "int:seq": str(checkpoint.seq),
        "str:check_id": check.check_id,
        "str:tool": "world_observation",
        "str:agent_id": "ada",
        "int:token_id": str(AgentToken.objects.filter(agent_id="ada").get().pk),
        "str:run_id": turn.owner.run_id,
        "int:number": str(turn.number),
        "str:invitation_id": made.invitation.invitation_id,
        "str:name": "viewer",
        "id": "1",
        "path:object_id": "1",
        "path:content_type_id": "1",
    }
    digests = (
        *AgentToken.objects.values_list("digest", flat=True),
        *Invitation.objects.values_list("digest", flat=True),
    )
    secrets = (*tokens.values(), *others.values(), made.code, *digests)
    return Place(values, secrets, {"agent": tokens["ada"], "foreign agent": others["zoe"]})


def a_compile() -> CompileJob:
    """Compile something, really."""
    compile_source("ada", "bell", "a.wat", {"a.wat": "(module)"})
    job = CompileJob.objects.get()
    run_job(job.pk)
    return job


def a_turn() -> TurnLease:
    """Begin a turn of a run."""
    run = start_run(RunRequest("demo", "ada", "m", "http://127.0.0.1:9/v1", foreground=True))
    turn = claim_turn(run.pk, run.lease_token)
    assert turn is not None
    return turn


def make_accounts() -> None:
    """Make a member of each role, a stranger and a superuser."""
    for role in Role:
        account(role.value, role)
    account("stranger", Role.MAINTAINER, world="theirs")
    User.objects.create_superuser("root")


def walker(name: str, place: Place) -> tuple[Client, dict[str, str]]:
    """Give a client and its headers: an account, an agent by its token, or nobody."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=True)
    if name in place.tokens:
        return client, {"Authorization": f"Bearer {place.tokens[name]}"}
    if name != "nobody":
        client.force_login(User.objects.get(username="root" if name == "superuser" else name))
    return client, {}
