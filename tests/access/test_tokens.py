"""Agents' tokens: shown once, kept as a keyed digest, good for one agent of one world."""

import hashlib

import pytest
from django.conf import settings
from django.test import override_settings

from lifecycle.access.tokens import find_holder
from lifecycle.core.ids import AgentId
from lifecycle.journal.errors import WorldNotFoundError
from lifecycle.models.worlds import AgentToken
from lifecycle.usecases.errors import RefusedError
from lifecycle.usecases.tokens import replace_token
from tests.service import found_world
from tests.usecases.histories import every_table

pytestmark = pytest.mark.django_db


def holder(token: str) -> tuple[str, str] | None:
    """Give the world and the agent that a token speaks for."""
    found = find_holder(token)
    return None if found is None else (found.world_slug, found.agent_id)


def test_a_token_speaks_for_its_agent_in_its_world() -> None:
    tokens = found_world("demo")
    others = found_world("other")

    assert holder(tokens["ada"]) == ("demo", AgentId("ada"))
    assert holder(tokens["bob"]) == ("demo", AgentId("bob"))
    assert holder(others["ada"]) == ("other", AgentId("ada"))


@pytest.mark.parametrize(
    "token", ["", "wst_", "wst_unknown", "Bearer", "wst_" + "x" * 10_000, "wst_é", "wst_\ud800\0"]
)
def test_an_unknown_token_speaks_for_nobody(token: str) -> None:
    found_world()

    assert find_holder(token) is None


def test_a_token_is_compared_exactly() -> None:
    token = found_world()["ada"]

    assert find_holder(token.swapcase()) is None
    assert find_holder(token + " ") is None
    assert find_holder(token[:-1]) is None


def test_a_replaced_token_speaks_for_nobody_and_the_new_one_does() -> None:
    tokens = found_world()

    new = replace_token("demo", "ada")

    assert find_holder(tokens["ada"]) is None
    assert holder(new) == ("demo", "ada")
    assert holder(tokens["bob"]) == ("demo", "bob")


def test_only_an_agent_of_a_world_gets_a_token() -> None:
    found_world()

    with pytest.raises(RefusedError) as refused:
        replace_token("demo", "eve")
    with pytest.raises(WorldNotFoundError):
        replace_token("elsewhere", "ada")

    assert refused.value.record.code == "agent_not_found"


def test_a_token_outlives_a_change_of_the_secret_key_while_the_old_one_is_a_fallback() -> None:
    token, old = found_world()["ada"], settings.SECRET_KEY
    with override_settings(SECRET_KEY="another key", SECRET_KEY_FALLBACKS=[]):
        assert find_holder(token) is None

    with override_settings(SECRET_KEY="another key", SECRET_KEY_FALLBACKS=[old]):
        assert holder(token) == ("demo", "ada")
        assert holder(replace_token("demo", "bob")) == ("demo", "bob")


def test_a09_the_text_of_a_token_is_stored_nowhere() -> None:
    token = found_world()["ada"]
    secret = token.removeprefix("wst_")

    stored = repr(every_table())

    assert token not in stored
    assert secret not in stored
    assert hashlib.sha256(token.encode()).hexdigest() not in stored
    assert AgentToken.objects.get(agent_id="ada").prefix == token[:12]
    assert token not in str(AgentToken.objects.get(agent_id="ada"))


def test_two_tokens_are_never_alike() -> None:
    found_world()

    assert len({replace_token("demo", "ada") for _ in range(50)}) == 50
