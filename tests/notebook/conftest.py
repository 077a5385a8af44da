"""The world that most browser tests are in, on the test's own web server."""

import pytest
from pytest_django.live_server_helper import LiveServer

from lifecycle.models.worlds import Role
from tests.notebook.people import browser_of
from tests.service import found_world


@pytest.fixture
def world(live_server: LiveServer) -> str:
    """Found the demo world; give its page's address."""
    found_world("demo", "ada", "bob")
    return f"{live_server.url}/worlds/demo/"


@pytest.fixture
def session(world: str) -> str:
    """Give the session of an operator of the world."""
    assert world
    return browser_of("eve", Role.OPERATOR).cookies["sessionid"].value
