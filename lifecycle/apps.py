"""The application's start: its checks are registered here."""

from importlib import import_module

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    """The one application of the project."""

    name = "lifecycle"
    verbose_name = "Worlds"

    def ready(self) -> None:
        """Register the system checks; they use models, which are not there before."""
        import_module("lifecycle.journal.checks")
        import_module("lifecycle.usecases.checks")
