"""Loads the texts of prompts from `templates/prompt/`, one folder for each version.

They lie beside the pages' templates because they too are texts and no code, but the site serves
none of them: no view names one, and nothing of Django's templates is expanded in them. What a
text may hold is judged in `protocol.prompt_templates`.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from lifecycle.protocol.prompt_templates import TemplateError, Templates, parse_templates

CURRENT_VERSION: Final = "2"


def load_templates(version: str = CURRENT_VERSION) -> Templates:
    """Give the prompt texts of one version; they are read once in a process.

    Raises:
        TemplateError: there is no such version, or its texts are not what prompts are made of.
    """
    if version not in template_versions():
        raise TemplateError(f"there are no prompt texts of version {version!r}")
    return _read(_folder() / version)


@cache
def _read(folder: Path) -> Templates:
    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    templates = parse_templates(manifest, texts)
    if templates.version != folder.name:
        raise TemplateError(f"the manifest of {folder.name!r} says version {templates.version!r}")
    return templates


def template_versions() -> list[str]:
    """Give every version that there is."""
    return sorted(path.parent.name for path in _folder().glob("*/manifest.toml"))


def _folder() -> Path:
    return Path(settings.BASE, "templates", "prompt")
