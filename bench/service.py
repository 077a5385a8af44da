"""Starts the service in this process, on the folder that WORLDSIM_DATA names."""

import os

import django
from django.core.management import call_command

SLUG = "bench"
AGENT = "ada"


def start() -> None:
    """Set Django up, migrate, and found a world with one agent."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "worldsim.settings"
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    found(SLUG)


def found(slug: str) -> None:
    """Found a world with one agent."""
    from lifecycle.usecases import worlds

    worlds.create_world(slug)
    worlds.add_agent(slug, AGENT)
