"""Worlds with a past: one with every kind of event, and random ones. Checks nothing."""

import io
import random
from typing import Any

from django.apps import apps

from lifecycle.models.jobs import CompileJob
from lifecycle.usecases import worlds
from lifecycle.usecases.compile import run_job
from lifecycle.usecases.export import export_world
from lifecycle.usecases.submit import Outcome
from tests.journal.tampering import ask
from tests.service import compile_source, decide, deploy, found_world, install, wasm

AGENTS = ("ada", "bob", "cyd")
PLACES = ("hub", "pier", "nowhere")
MODULES = ("clock", "map", "radio")
VERSIONS = ("0.1.0", "0.2.0", "0.0.9")
GOOD_WAT = '(module (func (export "tick") (result i32) i32.const 77))'
BAD_WAT = "(module (func (export"


def compile_wat(agent: str, text: str = GOOD_WAT, *, world: str = "demo") -> str:
    """Ask for a compile of WebAssembly text, run its job, and give how it ended."""
    outcome = compile_source(agent, "clock", "clock.wat", {"clock.wat": text}, world=world)
    return run_job(job_of(outcome).pk)


def job_of(outcome: Outcome) -> CompileJob:
    """Give the job that a compile decision asked for."""
    return CompileJob.objects.get(request_seq=outcome.appended[0].recorded.seq)


def varied_world(slug: str = "demo") -> None:
    """Found a world whose journal holds every kind of event."""
    found_world(slug)
    worlds.add_location(slug, "pier")
    decide("ada", "move_agent", to="pier", world=slug)
    decide("bob", "wait_ticks", ticks=3, world=slug)
    decide("bob", "move_agent", to="nowhere", world=slug)
    deploy("ada", wasm(), module_id="clock", world=slug)
    deploy("bob", wasm(), world=slug)
    install("ada", wasm(), "clock", world=slug)
    install("bob", wasm(), "map", module_version="0.2.0", activate=False, world=slug)
    compile_wat("ada", world=slug)
    compile_wat("bob", BAD_WAT, world=slug)
    compile_source("bob", "radio", "a.wat", {"a.wat": GOOD_WAT}, world=slug)


def exported(slug: str = "demo") -> bytes:
    """Give a world's export in one piece."""
    return b"".join(export_world(slug))


def export_file(slug: str = "demo") -> io.BytesIO:
    """Give a world's export as a file."""
    return io.BytesIO(exported(slug))


def random_decision(chance: random.Random, world: str = "demo") -> Outcome:
    """Submit one decision, sensible or not, of some agent."""
    agent = chance.choice(AGENTS)
    match chance.randrange(6):
        case 0:
            return decide(agent, "wait_ticks", ticks=chance.randint(1, 9), world=world)
        case 1:
            return decide(agent, "move_agent", to=chance.choice(PLACES), world=world)
        case 2:
            hint = chance.choice((*MODULES, None))
            return deploy(agent, wasm(chance.randrange(4)), module_id=hint, world=world)
        case 3:
            text = GOOD_WAT if chance.random() < 0.5 else BAD_WAT
            files = {"a.wat": text, "b.wat": str(chance.randrange(3))}
            return compile_source(agent, chance.choice(MODULES), "a.wat", files, world=world)
        case _:
            return install(
                agent,
                wasm(chance.randrange(4)),
                chance.choice(MODULES),
                module_version=chance.choice(VERSIONS),
                activate=chance.random() < 0.5,
                world=world,
            )


def every_table() -> dict[str, list[tuple[Any, ...]]]:
    """Give all that the service has stored."""
    tables = [model._meta.db_table for model in apps.get_models()]
    return {table: sorted(ask(f"SELECT * FROM {table}"), key=repr) for table in tables}  # noqa: S608 - Django's names
