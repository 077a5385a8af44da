"""Where each face is mounted. No view is written here."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/", include("lifecycle.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("lifecycle.notebook.urls")),
]
