"""The pages that show the OpenAPI document: Swagger and Redoc, from this site's own files alone."""

from typing import Any, Final

from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

# Both programs write styles into the page and draw from data; their scripts are files of ours.
_POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class _OwnPolicy(APIView):
    """A page with the content policy that it needs."""

    def finalize_response(
        self,
        request: Request,
        response: Response,
        *args: Any,  # noqa: ANN401 - DRF's signature
        **kwargs: Any,  # noqa: ANN401 - DRF's signature
    ) -> Response:
        """Add the policy."""
        response.headers["Content-Security-Policy"] = _POLICY
        return super().finalize_response(request, response, *args, **kwargs)


class SwaggerView(_OwnPolicy, SpectacularSwaggerSplitView):
    """The API to try out."""

    url_name = "api-schema"


class RedocView(_OwnPolicy, SpectacularRedocView):
    """The API to read."""

    url_name = "api-schema"
    template_name = "api/redoc.html"
