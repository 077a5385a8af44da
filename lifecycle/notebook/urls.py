"""The notebook's addresses. No view is written here."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from lifecycle.notebook import (
    accounts,
    agents,
    artifact,
    cells,
    checkpoints,
    comparing,
    drafts,
    finding,
    founding,
    invitations,
    lineage,
    pages,
    past,
    runs,
    submitting,
    teams,
    world_settings,
)
from lifecycle.notebook.logging_in import LogIn

urlpatterns = [
    path("", founding.worlds, name="worlds"),
    path("login/", LogIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", accounts.account, name="account"),
    path("account/password/", accounts.ChangePassword.as_view(), name="password"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/join/", invitations.join_world, name="join"),
    path("worlds/<str:slug>/", submitting.world, name="world"),
    path("worlds/<str:slug>/live/", cells.live, name="live"),
    path("worlds/<str:slug>/cells/", cells.cells, name="cells"),
    path("worlds/<str:slug>/find/", finding.find, name="find"),
    path("worlds/<str:slug>/decisions/<str:decision_id>/", pages.decision, name="decision"),
    path("worlds/<str:slug>/decisions/<str:decision_id>/asked/", cells.asked_in_full, name="asked"),
    path("worlds/<str:slug>/artifacts/", pages.artifacts, name="artifacts"),
    path("worlds/<str:slug>/artifacts/<str:wasm_hash>/", artifact.artifact, name="artifact"),
    path("worlds/<str:slug>/artifacts/<str:wasm_hash>/wasm", artifact.wasm, name="wasm"),
    path(
        "worlds/<str:slug>/artifacts/<str:wasm_hash>/sources.zip",
        artifact.sources,
        name="sources",
    ),
    path(
        "worlds/<str:slug>/artifacts/<str:wasm_hash>/rebuilds/", artifact.rebuilds, name="rebuilds"
    ),
    path("worlds/<str:slug>/artifacts/<str:wasm_hash>/compare/", comparing.choose, name="choose"),
    path(
        "worlds/<str:slug>/artifacts/<str:wasm_hash>/compare/<str:other_hash>/",
        comparing.compare,
        name="compare",
    ),
    path("worlds/<str:slug>/drafts/", drafts.drafts, name="drafts"),
    path("worlds/<str:slug>/modules/", pages.modules, name="modules"),
    path("worlds/<str:slug>/events/", pages.events, name="events"),
    path("worlds/<str:slug>/checkpoints/", checkpoints.checkpoints, name="checkpoints"),
    path("worlds/<str:slug>/checkpoints/<int:seq>/", checkpoints.checkpoint, name="checkpoint"),
    path("worlds/<str:slug>/at/", past.past, name="past"),
    path("worlds/<str:slug>/lineage/", lineage.lineage, name="lineage"),
    path("worlds/<str:slug>/agents/", agents.agents, name="agents"),
    path("worlds/<str:slug>/agents/<str:agent_id>/", agents.agent, name="agent"),
    path("worlds/<str:slug>/places/", agents.places, name="places"),
    path("worlds/<str:slug>/settings/", world_settings.settings, name="world-settings"),
    path("worlds/<str:slug>/team/", teams.team, name="team"),
    path(
        "worlds/<str:slug>/team/invitations/<str:invitation_id>/",
        teams.revoke,
        name="revoke-invitation",
    ),
    path("worlds/<str:slug>/team/<str:name>/", teams.member, name="member"),
    path("worlds/<str:slug>/runs/", runs.runs, name="runs"),
    path("worlds/<str:slug>/runs/<str:run_id>/", runs.run, name="run"),
    path("worlds/<str:slug>/runs/<str:run_id>/turns/<int:number>/", runs.turn, name="turn"),
    path("worlds/<str:slug>/runs/<str:run_id>/live/", runs.run_live, name="run-live"),
]
