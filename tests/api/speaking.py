"""Words for tests that speak HTTP to the API, and hold each answer against the OpenAPI document.

Nothing here expects a certain answer.
"""

import functools
import json
import re
from typing import Any, Final

from django.contrib.auth.models import User
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from lifecycle.access.roles import grant
from lifecycle.models.worlds import Role, World

V1: Final = "/api/v1/"
DEMO: Final = f"{V1}worlds/demo/"
_PARAMETER: Final = re.compile(r"\\\{\w+\\\}")


@functools.cache
def openapi() -> dict[str, Any]:
    """Give the OpenAPI document as it is served."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call] # spectacular is untyped here
    plain: dict[str, Any] = json.loads(json.dumps(document))
    return plain


@functools.cache
def _registry() -> "Registry[Any]":
    resource = DRAFT202012.create_resource(openapi())
    registry: Registry[Any] = Registry().with_resource("urn:openapi", resource)
    return registry


@functools.cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    """Give each path's pattern, those without parameters first."""
    listed = sorted(openapi()["paths"], key=lambda path: (path.count("{"), -len(path)))
    return [
        (re.compile(_PARAMETER.sub("[^/]+", re.escape(path.rstrip("/"))) + "/?"), path)
        for path in listed
    ]


def response_of(method: str, url: str, status: int) -> dict[str, Any] | None:
    """Give what the document says of an operation's answer with a status."""
    bare = url.partition("?")[0]
    path = next((path for pattern, path in _paths() if pattern.fullmatch(bare)), None)
    operation = openapi()["paths"].get(path, {}).get(method.lower(), {})
    found: dict[str, Any] | None = operation.get("responses", {}).get(str(status))
    return found


def assert_documented(method: str, url: str, answer: "Answer") -> None:
    """Hold an answer against the document: its status, its media type, its shape."""
    documented = response_of(method, url, answer.status)
    assert documented is not None, f"{method} {url} {answer.status} is not documented"
    if answer.media_type.endswith("json"):
        content = documented["content"]
        assert answer.media_type in content, (answer.media_type, content.keys())
        schema = content[answer.media_type]["schema"]
        wrapped = json.loads(json.dumps(schema).replace('"#/', '"urn:openapi#/'))
        Draft202012Validator(wrapped, registry=_registry()).validate(answer.json)


class Answer:
    """An HTTP answer: its status, headers and body."""

    def __init__(self, response: Any) -> None:  # noqa: ANN401 - the test client's response
        self.status: int = response.status_code
        self.headers: dict[str, str] = dict(response.headers)
        self.media_type = self.headers.get("Content-Type", "").partition(";")[0]
        streamed = getattr(response, "streaming", False)
        self.body: bytes = b"".join(response.streaming_content) if streamed else response.content

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Give the body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Give the code of a problem."""
        return str(self.json["code"])


class Api:
    """Somebody who speaks to the API."""

    def __init__(self, client: Client, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    def send(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        media_type: str = "application/json",
        **headers: str,
    ) -> Answer:
        """Send anything; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.generic(
            method, url, body, content_type=media_type, headers={**self.headers, **named}
        )
        answer = Answer(response)
        assert_documented(method, url, answer)
        return answer

    def get(self, path: str = "", **headers: str) -> Answer:
        """Read something of the demo world, or of an absolute path."""
        url = path if path.startswith("/") else DEMO + path
        return self.send("GET", url, b"", "application/json", **headers)

    def post(self, path: str, members: object, **headers: str) -> Answer:
        """Post JSON below the demo world, or to an absolute path."""
        url = path if path.startswith("/") else DEMO + path
        return self.send("POST", url, json.dumps(members).encode(), "application/json", **headers)

    def decide(self, decision: str, *, key: str | None = None, **fields: object) -> Answer:
        """Submit a decision in the demo world."""
        headers = {} if key is None else {"Idempotency_Key": key}
        return self.post("decisions/", {"decision": decision, **fields}, **headers)

    def say(self, body: str | bytes, media_type: str = "application/json") -> Answer:
        """Submit a raw body in the demo world."""
        raw = body.encode() if isinstance(body, str) else body
        return self.send("POST", f"{DEMO}decisions/", raw, media_type)


def agent(token: str) -> Api:
    """Speak as an agent."""
    return Api(Client(), {"Authorization": f"Bearer {token}"})


def nobody() -> Api:
    """Speak without saying who."""
    return Api(Client(), {})


def person(name: str, role: Role | None = None, *, world: str = "demo") -> Api:
    """Log a new person in, with a role in a world, and send the CSRF token along."""
    account = User.objects.create_user(name)
    if role is not None:
        grant(World.objects.get(slug=world), account, role)
    return _logged_in(account)


def superuser(name: str = "root") -> Api:
    """Log a new superuser in."""
    return _logged_in(User.objects.create_superuser(name))


def _logged_in(account: User) -> Api:
    client = Client(enforce_csrf_checks=True)
    client.force_login(account)
    token = "x" * 32
    client.cookies["csrftoken"] = token
    return Api(client, {"X-CSRFToken": token})
