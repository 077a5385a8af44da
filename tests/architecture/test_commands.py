"""Every management command tells what it does; which ones exist is found out here."""

import pytest
from django.core.management import ManagementUtility, get_commands, load_command_class

OURS = sorted(name for name, app in get_commands().items() if app == "lifecycle")


@pytest.mark.parametrize("name", OURS)
def test_every_command_answers_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        ManagementUtility(["manage.py", name, "--help"]).execute()

    said = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    assert said.startswith(f"usage: manage.py {name}")


@pytest.mark.parametrize("name", OURS)
def test_every_command_says_in_a_sentence_what_it_does(name: str) -> None:
    assert load_command_class("lifecycle", name).help.strip()
