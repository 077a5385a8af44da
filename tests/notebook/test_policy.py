"""Every page is sent with a policy that runs no script but the site's own files."""

import re
from pathlib import Path

import pytest
from django.test import Client

from lifecycle.notebook.policy import CONTENT_POLICY
from tests.architecture.sources import ROOT

pytestmark = pytest.mark.django_db

# The API's documentation pages are drawn by scripts of others, under a policy of their own.
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if path.parent.name != "api"
)


@pytest.mark.parametrize("address", ["/login/", "/nowhere", "/admin/login/"])
def test_every_answer_carries_the_policy(address: str) -> None:
    assert Client().get(address).headers["Content-Security-Policy"] == CONTENT_POLICY


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_holds_script_or_style(template: Path) -> None:
    markup = template.read_text(encoding="utf-8")

    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", markup)
    assert "|safe" not in markup
    assert "autoescape" not in markup


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_calls_on_another_site(template: Path) -> None:
    assert not re.search(r"""(src|href|action)=["'](https?:)?//""", template.read_text("utf-8"))


def test_what_is_vendored_comes_with_its_licence() -> None:
    vendored = [folder for folder in (ROOT / "static" / "vendor").iterdir() if folder.is_dir()]

    assert vendored
    assert [folder.name for folder in vendored if not (folder / "LICENSE").is_file()] == []
