"""Calls a command within this process and gives what it printed. Checks nothing."""

import json
from io import StringIO
from typing import Any

from django.core.management import call_command


def said(name: str, *argv: str) -> str:
    """Run a command and give its standard output."""
    out = StringIO()
    call_command(name, *argv, stdout=out, stderr=StringIO())
    return out.getvalue()


def facts(name: str, *argv: str) -> dict[str, Any]:
    """Run a command with `--json` and give what it printed."""
    document: dict[str, Any] = json.loads(said(name, *argv, "--json"))
    return document
