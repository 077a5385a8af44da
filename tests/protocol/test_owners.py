"""Whom a publisher or installer text means."""

import pytest

from lifecycle.core.ids import AgentId
from lifecycle.protocol.malformed import Malformed
from lifecycle.protocol.owners import owner_of

SCOUT = AgentId("scout")


@pytest.mark.parametrize("text", ["self", "SELF", " self\n"])
def test_self_is_the_acting_agent(text: str) -> None:
    assert owner_of(text, acting=SCOUT) == SCOUT


def test_an_agent_is_named_by_its_id() -> None:
    assert owner_of(" agent:smith ", acting=SCOUT) == "smith"


def test_whether_the_agent_exists_is_not_judged_here() -> None:
    assert owner_of("agent:scout", acting=AgentId("smith")) == SCOUT


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("location:hub", "a location cannot own an artifact or a module"),
        ("smith", "it is neither self nor agent:<id>"),
        ("", "it is neither self nor agent:<id>"),
    ],
)
def test_anything_else_is_malformed_under_the_field_that_held_it(text: str, reason: str) -> None:
    fault = owner_of(text, acting=SCOUT, field="installer")

    assert fault == Malformed(
        "invalid_owner",
        "installer",
        {"received": text, "reason": reason, "accepted": "self, or agent:<id>"},
    )
