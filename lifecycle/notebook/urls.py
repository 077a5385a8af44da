"""The notebook's addresses. No view is written here."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from lifecycle.notebook import pages

urlpatterns = [
    path("", pages.worlds, name="worlds"),
    path(
        "login/",
        LoginView.as_view(
            template_name="notebook/login.html", redirect_authenticated_user=True
        ),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
]
