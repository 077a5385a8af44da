"""The pinned packages are the ones that pyproject.toml names."""

import tomllib

import pytest

from tests.architecture.sources import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DIRECT: list[str] = PROJECT["project"]["dependencies"]
FOR_DEVELOPMENT: list[str] = PROJECT["dependency-groups"]["dev"]
FOR_THE_LOCAL_MODEL: list[str] = PROJECT["dependency-groups"]["llm"]


def pins(file: str) -> dict[str, str]:
    """Read a requirements file as name to version."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    stated = (line.split(" ")[0] for line in lines if line and not line.startswith("#"))
    return dict(line.split("==") for line in stated)


@pytest.mark.parametrize("stated", DIRECT)
def test_what_the_service_needs_is_pinned_in_requirements_txt(stated: str) -> None:
    name, version = stated.split("==")

    assert pins("requirements.txt")[name.split("[")[0]] == version


@pytest.mark.parametrize("stated", FOR_DEVELOPMENT)
def test_what_development_needs_is_pinned_in_requirements_dev_txt(stated: str) -> None:
    name, version = stated.split("==")

    assert pins("requirements-dev.txt")[name] == version


@pytest.mark.parametrize("stated", FOR_THE_LOCAL_MODEL)
def test_what_the_local_model_needs_is_pinned_in_requirements_llm_txt(stated: str) -> None:
    name, version = stated.split("==")

    assert pins("requirements-llm.txt")[name] == version


def test_the_local_model_is_optional() -> None:
    wanted_by_all = pins("requirements.txt").keys() | pins("requirements-dev.txt").keys()

    assert not wanted_by_all & pins("requirements-llm.txt").keys()


def test_development_runs_on_the_versions_that_the_service_runs_on() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()
