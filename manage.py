#!/usr/bin/env python
"""The command line of the service: `python manage.py help` lists the commands."""

import os
import sys

from django.core.management import execute_from_command_line

from worldsim.environment import SettingsError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "worldsim.settings")
    try:
        execute_from_command_line(sys.argv)
    except SettingsError as error:
        sys.exit(f"{error}")
