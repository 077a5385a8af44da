"""The addresses of the API. No view is written here."""

from typing import Final

from django.urls import URLPattern, include, path
from drf_spectacular.views import SpectacularAPIView

from lifecycle.api import artifacts, audits, decisions, events, tokens, tools, worlds
from lifecycle.api.documentation import RedocView, SwaggerView
from lifecycle.api.stream.view import StreamView
from lifecycle.api.views import ApiView

_WORLD: Final = "worlds/<str:world>/"

_VIEWS: Final[tuple[tuple[str, type[ApiView], str], ...]] = (
    ("worlds/", worlds.WorldsView, "api-worlds"),
    (_WORLD, worlds.WorldView, "api-world"),
    (f"{_WORLD}agents/", worlds.AgentsView, "api-agents"),
    (f"{_WORLD}agents/<str:agent_id>/tokens/", tokens.TokensView, "api-tokens"),
    (
        f"{_WORLD}agents/<str:agent_id>/tokens/<int:token_id>/revoke/",
        tokens.TokenRevocationView,
        "api-token-revoke",
    ),
    (f"{_WORLD}locations/", worlds.LocationsView, "api-locations"),
    (f"{_WORLD}decisions/", decisions.DecisionsView, "api-decisions"),
    (
        f"{_WORLD}decisions/<str:decision_id>/",
        decisions.DecisionOfWorldView,
        "api-decision-of-world",
    ),
    ("decisions/<str:decision_id>/", decisions.DecisionView, "api-decision"),
    (f"{_WORLD}module-lifecycle-status/", artifacts.StatusView, "api-status"),
    (f"{_WORLD}artifacts/", artifacts.ArtifactsView, "api-artifacts"),
    (f"{_WORLD}artifacts/<str:wasm_hash>/", artifacts.ArtifactView, "api-artifact"),
    (f"{_WORLD}artifacts/<str:wasm_hash>/wasm", artifacts.WasmView, "api-wasm"),
    (f"{_WORLD}sources/<str:digest>/", artifacts.SourceView, "api-source"),
    (f"{_WORLD}modules/", artifacts.ModulesView, "api-modules"),
    (f"{_WORLD}modules/<str:module_id>/", artifacts.ModuleView, "api-module"),
    (f"{_WORLD}events/", events.EventsView, "api-events"),
    (f"{_WORLD}events/<int:seq>/", events.EventView, "api-event"),
    (f"{_WORLD}stream/", StreamView, "api-stream"),
    (f"{_WORLD}state/", events.StateView, "api-state"),
    (f"{_WORLD}verify/", events.VerifyView, "api-verify"),
    (f"{_WORLD}export/", events.ExportView, "api-export"),
    (f"{_WORLD}checks/", audits.ChecksView, "api-checks"),
    (f"{_WORLD}checks/<str:check_id>/", audits.CheckView, "api-check"),
    (f"{_WORLD}checkpoints/", audits.CheckpointsView, "api-checkpoints"),
    (f"{_WORLD}checkpoints/<int:seq>/", audits.CheckpointView, "api-checkpoint"),
    ("checkpoint-keys/", audits.CheckpointKeysView, "api-checkpoint-keys"),
    (f"{_WORLD}tools/", tools.ToolsView, "api-tools"),
    (f"{_WORLD}tools/<str:tool>/", tools.ToolView, "api-tool"),
)


def _with_and_without_slash(route: str, view: type[ApiView], name: str) -> list[URLPattern]:
    """Serve both spellings alike: a redirect would turn a client's POST into a GET.

    The documented one comes last, so that it is the one that `reverse` gives.
    """
    other = route.removesuffix("/") if route.endswith("/") else f"{route}/"
    return [
        path(other, view.as_view(schema=None), name=name),
        path(route, view.as_view(), name=name),
    ]


_v1: Final = [pattern for entry in _VIEWS for pattern in _with_and_without_slash(*entry)]

urlpatterns = [
    path("v1/", include(_v1)),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SwaggerView.as_view(), name="api-docs"),
    path("redoc/", RedocView.as_view(), name="api-redoc"),
]
