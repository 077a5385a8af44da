"""Words for tests of pages: an account with a role, and a browser that is logged in as it.

Nothing here checks anything.
"""

import json
from collections.abc import Iterable
from typing import Any, Protocol

from django.contrib.auth.models import User
from django.test import Client

from lifecycle.access.roles import grant
from lifecycle.models.jobs import CompileJob
from lifecycle.models.worlds import Role, World
from lifecycle.usecases.clock import new_id
from lifecycle.usecases.compile import run_job

PASSWORD = "correct horse battery"
BROKEN_WAT = '(module (func (export "tick") (result i32) i32.const))'
GOOD_WAT = '(module (memory (export "memory") 1 4) (func (export "tick") (result i32) i32.const 7))'


def account(
    name: str, role: Role | None = None, *, world: str = "demo", password: str | None = None
) -> User:
    """Make an account, with a role in a world and a password where they are given."""
    made = User.objects.create_user(name, password=password)
    if role is not None:
        grant(World.objects.get(slug=world), made, role)
    return made


def browser_of(name: str, role: Role | None = None, *, world: str = "demo") -> Client:
    """Give a client that is logged in as a new account."""
    client = Client()
    client.force_login(account(name, role, world=world))
    return client


def send(client: Client, text: str, *, agent: str = "ada", **fields: str) -> Any:  # noqa: ANN401 - Django's test response
    """Send the form of the world ``demo``, with a key of its own where none is given."""
    form = {"agent_id": agent, "decision": text, "key": f"key-{abs(hash(text))}", **fields}
    return client.post("/worlds/demo/", form)


def send_decision(client: Client, decision: str, *, agent: str = "ada", **fields: Any) -> Any:  # noqa: ANN401 - any JSON; Django's test response
    """Send a well-formed decision."""
    return send(client, json.dumps({"decision": decision, **fields}), agent=agent)


def send_form(
    client: Client,
    decision: str,
    *,
    agent: str = "ada",
    files: Iterable[tuple[str, str]] = (),
    htmx: bool = False,
    **fields: Any,  # noqa: ANN401 - texts, numbers and files
) -> Any:  # noqa: ANN401 - Django's test response
    """Send the form of a decision, as a browser without scripts does."""
    own = {"show", "dry_run", "wasm_file", "save", "resolve", "draft", "version"}
    pairs = list(files)
    form: dict[str, Any] = {
        "mode": "form",
        "form": decision,
        "agent_id": agent,
        "key": new_id(),
        **{name if name in own else f"field.{name}": value for name, value in fields.items()},
        "path": [path for path, _ in pairs],
        "text": [text for _, text in pairs],
    }
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post("/worlds/demo/", form, headers=headers)


def run_compiles() -> list[str]:
    """Do what a worker does: really compile each job that waits."""
    return [run_job(pk) for pk in CompileJob.objects.values_list("pk", flat=True).order_by("pk")]


class Page(Protocol):
    """An answer that was read whole."""

    @property
    def content(self) -> bytes:
        """The body."""


def text_of(response: Page) -> str:
    """Give a page's markup."""
    return response.content.decode()
