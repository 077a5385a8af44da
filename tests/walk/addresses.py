"""Every address of the service with what it is to whom: the one table that the walk goes by.

A new address must be given a kind here; nothing is checked in this file.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Final

from django.urls import URLPattern, URLResolver, get_resolver


class Kind(Enum):
    """Who may look at an address."""

    OPEN = "everybody, logged in or not"
    OWN = "every account: it shows that account's own"
    PAGE = "the members of the world"
    FORM = "nobody: it takes a form, of a maintainer"
    DATA = "the members and the agents of the world, by the API"
    LIST = "every account and agent, by the API: it shows what each sees"
    TOKENS = "the maintainers of the world, by the API"
    ACTION = "nobody: it takes a POST, by the API"
    AUDIT = "auditors and maintainers of a world, and superusers"


_API: Final = "/api/v1/worlds/<str:world>/"
_WORLD: Final = "/worlds/<str:slug>/"
_KINDS: Final = {
    Kind.OPEN: (
        "/login/",
        "/logout/",
        "/invitations/",
        "/invitations/join/",
        "/api/schema/",
        "/api/docs/",
        "/api/redoc/",
    ),
    Kind.OWN: ("/", "/account/", "/account/password/"),
    Kind.PAGE: (
        _WORLD,
        f"{_WORLD}live/",
        f"{_WORLD}cells/",
        f"{_WORLD}find/",
        f"{_WORLD}decisions/<str:decision_id>/",
        f"{_WORLD}decisions/<str:decision_id>/asked/",
        f"{_WORLD}artifacts/",
        f"{_WORLD}artifacts/<str:wasm_hash>/",
        f"{_WORLD}artifacts/<str:wasm_hash>/wasm",
        f"{_WORLD}artifacts/<str:wasm_hash>/sources.zip",
        f"{_WORLD}artifacts/<str:wasm_hash>/rebuilds/",
        f"{_WORLD}artifacts/<str:wasm_hash>/compare/",
        f"{_WORLD}artifacts/<str:wasm_hash>/compare/<str:other_hash>/",
        f"{_WORLD}modules/",
        f"{_WORLD}events/",
        f"{_WORLD}checkpoints/",
        f"{_WORLD}checkpoints/<int:seq>/",
        f"{_WORLD}at/",
        f"{_WORLD}lineage/",
        f"{_WORLD}drafts/",
        f"{_WORLD}agents/",
        f"{_WORLD}agents/<str:agent_id>/",
        f"{_WORLD}settings/",
        f"{_WORLD}team/",
        f"{_WORLD}team/<str:name>/",
        f"{_WORLD}runs/",
        f"{_WORLD}runs/<str:run_id>/",
        f"{_WORLD}runs/<str:run_id>/live/",
        f"{_WORLD}runs/<str:run_id>/turns/<int:number>/",
    ),
    Kind.FORM: (f"{_WORLD}team/invitations/<str:invitation_id>/", f"{_WORLD}places/"),
    Kind.LIST: ("/api/v1/worlds/", "/api/v1/checkpoint-keys/"),
    Kind.DATA: (
        _API,
        f"{_API}agents/",
        f"{_API}locations/",
        f"{_API}decisions/",
        f"{_API}decisions/<str:decision_id>/",
        "/api/v1/decisions/<str:decision_id>/",
        f"{_API}module-lifecycle-status/",
        f"{_API}artifacts/",
        f"{_API}artifacts/<str:wasm_hash>/",
        f"{_API}artifacts/<str:wasm_hash>/wasm/",
        f"{_API}sources/<str:digest>/",
        f"{_API}modules/",
        f"{_API}modules/<str:module_id>/",
        f"{_API}events/",
        f"{_API}events/<int:seq>/",
        f"{_API}stream/",
        f"{_API}state/",
        f"{_API}verify/",
        f"{_API}export/",
        f"{_API}tools/",
        f"{_API}checks/",
        f"{_API}checks/<str:check_id>/",
        f"{_API}checkpoints/",
        f"{_API}checkpoints/<int:seq>/",
    ),
    Kind.TOKENS: (f"{_API}agents/<str:agent_id>/tokens/",),
    Kind.ACTION: (
        f"{_API}agents/<str:agent_id>/tokens/<int:token_id>/revoke/",
        f"{_API}tools/<str:tool>/",
    ),
}
KIND_OF: Final = {route: kind for kind, routes in _KINDS.items() for route in routes}
# All of it belongs to the audit, whatever Django and we put there.
_AUDIT: Final = "/admin/"


def kind_of(route: str) -> Kind | None:
    """Give the kind of a route, or `None` where there is none; the API serves two spellings."""
    if route.startswith(_AUDIT):
        return Kind.AUDIT
    spelling = route if route in KIND_OF or route.endswith("/") else f"{route}/"
    return KIND_OF.get(spelling)


def routes() -> list[str]:
    """Give every route that the service has, as the resolver knows it."""
    return list(_below(get_resolver(), "/"))


def _below(resolver: URLResolver, before: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _below(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def filled(route: str, values: dict[str, str]) -> str:
    """Put real values into a route's holes."""
    address = route.replace("^(?P<app_label>auth|lifecycle)/$", "lifecycle/")
    address = address.replace("(?P<url>.*)$", "nowhere/")
    for name, value in values.items():
        address = address.replace(f"<{name}>", value)
    return address
