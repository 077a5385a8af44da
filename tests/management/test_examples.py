"""The example of each command can be typed as it stands."""

import re

import pytest
from django.core.management import get_commands, load_command_class

OURS = sorted(name for name, app in get_commands().items() if app == "lifecycle")


@pytest.mark.parametrize("name", OURS)
def test_each_line_of_an_example_is_settings_the_program_and_the_command(name: str) -> None:
    command = load_command_class("lifecycle", name)
    epilog = command.create_parser("manage.py", name).epilog

    title, *lines = (epilog or "").splitlines()

    assert title == "example:"
    assert lines
    for line in lines:
        assert re.match(rf"  ([A-Z_]+=\S+ )*manage\.py {name}( |$)", line), line
        assert line.count("manage.py") == 1
