"""The pages that only show. What changes something stands in `submitting`."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def worlds(request: HttpRequest) -> HttpResponse:
    """List the worlds that the account may see."""
    return render(request, "notebook/worlds.html")
