"""The demo world with Ada and Bob, who speak to its API."""

import pytest

from tests.api.speaking import Api, agent
from tests.service import found_world


@pytest.fixture
def tokens() -> dict[str, str]:
    """Found the demo world; give its agents' tokens."""
    return found_world()


@pytest.fixture
def ada(tokens: dict[str, str]) -> Api:
    """Speak as Ada."""
    return agent(tokens["ada"])


@pytest.fixture
def bob(tokens: dict[str, str]) -> Api:
    """Speak as Bob."""
    return agent(tokens["bob"])
