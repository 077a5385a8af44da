"""The admin as the audit: who comes in, and by which door. Its pages stand in `lifecycle.admin`."""

from typing import Any, Final

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from lifecycle.access.roles import is_auditor
from lifecycle.usecases.queries.audits import checks_not_ended, standings
from lifecycle.usecases.queries.health import queue_health

# How the tables are grouped, by the names of their classes; what is not named comes last.
_GROUPS: Final = {
    "Worlds": ("World", "Membership", "AgentToken", "Invitation", "WorldChange"),
    "The record": ("JournalEvent", "Decision", "AgentRun", "AgentTurn"),
    "Proofs": ("CheckJob", "CheckResult", "Checkpoint", "CheckpointKey"),
    "Artifacts": (
        "Artifact",
        "Publication",
        "InstalledModule",
        "Install",
        "Content",
        "ModuleInspection",
    ),
    "Compiling": ("CompileJob", "Rebuild", "ToolchainReport"),
}
_GROUPED: Final = "lifecycle"


class AuditSite(AdminSite):
    """Open to superusers, and to the auditors and maintainers of a world."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the account may come in; what it sees there, each page says."""
        return request.user.is_active and is_auditor(request.user)

    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Send to the one log-in page of the service, so that there is one door to guard.

        Raises:
            PermissionDenied: who is logged in already is no auditor.
        """
        index = reverse("admin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(index)
        if request.user.is_authenticated:
            raise PermissionDenied
        # The log-in page itself refuses to lead to another site.
        return redirect_to_login(request.GET.get("next", index))

    def password_change(  # type: ignore[override] # a redirect is no template's response
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Send to the one page that changes a password, where guesses are counted."""
        return HttpResponseRedirect(reverse("password"))

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Group the tables by what an auditor looks for."""
        listed: list[dict[str, Any]] = []
        for app in super().get_app_list(request, app_label):
            named = {**app, "name": "Accounts"} if app["app_label"] == "auth" else app
            listed += _grouped(app) if app["app_label"] == _GROUPED else [named]
        return sorted(listed, key=lambda app: app["app_label"] != _GROUPED)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show how each world stands, how the queue is, and the tables."""
        shown = {
            "standings": standings(request.user),
            "health": queue_health(),
            "checks_waiting": checks_not_ended(request.user),
        }
        return super().index(request, {**(extra_context or {}), **shown})


def _grouped(app: dict[str, Any]) -> list[dict[str, Any]]:
    models = {model["object_name"]: model for model in app["models"]}
    groups = [
        {**app, "name": name, "models": [models.pop(named) for named in names if named in models]}
        for name, names in _GROUPS.items()
    ]
    groups.append({**app, "name": "Others", "models": list(models.values())})
    return [group for group in groups if group["models"]]
