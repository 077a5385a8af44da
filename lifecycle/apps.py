"""The application's start: its checks are registered here."""

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    """The one application of the project."""

    name = "lifecycle"
    verbose_name = "Worlds"
