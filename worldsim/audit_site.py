"""The admin as the audit: who comes in, and by which door. Its pages stand in `lifecycle.admin`."""

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from lifecycle.access.roles import is_auditor


class AuditSite(AdminSite):
    """Open to superusers, and to the auditors and maintainers of a world."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the account may come in; what it sees there, each page says."""
        return request.user.is_active and is_auditor(request.user)

    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, object] | None = None,  # noqa: ARG002 - Django's signature
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
