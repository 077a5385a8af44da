"""Who owns bytes and module ids: nobody loses what is his, and nothing named is ever deleted."""

import pytest

from lifecycle.core.rejections import ModuleIdTaken
from lifecycle.models.content import Content
from lifecycle.models.decisions import DecisionStatus
from lifecycle.models.projections import Artifact, InstalledModule, Publication
from lifecycle.models.worlds import World
from lifecycle.projections.artifacts import artifacts_of, find_artifact, publications_of
from lifecycle.projections.modules import modules_of, modules_using
from lifecycle.usecases.submit import Outcome
from lifecycle.usecases.verify import rebuild_world, verify_world
from tests.service import decide, deploy, found_world, hash_of, install, wasm

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> int:
    """Found a world and give its number."""
    found_world()
    return World.objects.get().pk


def code_of(outcome: Outcome) -> str | None:
    """Give the code of a refusal."""
    return None if outcome.rejection is None else outcome.rejection.code


def test_m01_the_first_publisher_stays_and_the_second_becomes_an_owner_too(world: int) -> None:
    deploy("ada", wasm(), module_id="clock")
    before = Artifact.objects.values().get()

    second = deploy("bob", wasm(), module_id="other")

    assert second.status is DecisionStatus.APPLIED
    assert Artifact.objects.values().get() == before
    found = find_artifact(world, hash_of(wasm()))
    assert found is not None
    assert found.owners == ("ada", "bob")
    assert rebuild_world("demo").ok
    assert [row.agent_id for row in publications_of(world, hash_of(wasm()))] == ["ada", "bob"]


def test_m01_nobody_is_kept_from_his_own_by_another_who_was_first() -> None:
    deploy("ada", wasm())
    deploy("bob", wasm())

    assert install("bob", wasm(), "clock").status is DecisionStatus.APPLIED
    assert install("ada", wasm(), "map").status is DecisionStatus.APPLIED


def test_m01_deploying_again_changes_nothing() -> None:
    deploy("ada", wasm())
    rows = list(Publication.objects.values())

    again = deploy("ada", wasm())

    assert again.status is DecisionStatus.UNCHANGED
    assert again.appended == ()
    assert list(Publication.objects.values()) == rows


def test_bytes_of_another_are_not_installed() -> None:
    deploy("ada", wasm())

    refused = install("bob", wasm(), "clock")

    assert code_of(refused) == "not_artifact_owner"
    assert refused.rejection is not None
    assert refused.rejection.facts == {"installer": "bob", "publisher": "ada"}


def test_m03_a_module_id_that_another_holds_is_refused_naming_the_holder() -> None:
    deploy("ada", wasm(1))
    deploy("bob", wasm(2))
    install("ada", wasm(1), "clock")
    before = InstalledModule.objects.values().get()

    refused = install("bob", wasm(2), "clock")

    assert code_of(refused) == ModuleIdTaken.code
    assert refused.rejection is not None
    assert refused.rejection.facts["holder"] == "ada"
    assert InstalledModule.objects.values().get() == before


def test_m05_a_filter_by_module_finds_artifacts_that_an_install_of_it_used(world: int) -> None:
    deploy("ada", wasm(1))
    deploy("ada", wasm(2), module_id="clock")
    deploy("ada", wasm(3), module_id="map")
    install("ada", wasm(1), "clock")

    found = [row.wasm_hash for row in artifacts_of(world, "clock")]

    assert found == [hash_of(wasm(2)), hash_of(wasm(1))]
    assert artifacts_of(world).count() == 3
    assert [row.module_id for row in modules_of(world, "clock")] == ["clock"]
    assert not modules_of(world, "map").exists()


def test_m05_an_artifact_that_a_later_install_took_the_place_of_is_still_found(world: int) -> None:
    for number in (1, 2):
        deploy("ada", wasm(number))
        install("ada", wasm(number), "clock", module_version=f"0.{number}.0")

    assert {row.wasm_hash for row in artifacts_of(world, "clock")} == {
        hash_of(wasm(1)),
        hash_of(wasm(2)),
    }
    assert [row.module_id for row in modules_using(world, hash_of(wasm(2)))] == ["clock"]
    assert not modules_using(world, hash_of(wasm(1))).exists()


@pytest.mark.parametrize(
    ("version", "number", "flags"),
    [
        ("0.2.0", 1, []),
        ("0.2.0", 2, ["version_reused"]),
        ("0.1.9", 1, ["version_lowered"]),
        ("0.3.0", 2, []),
    ],
)
def test_m09_a_reused_or_lower_version_is_applied_and_flagged(
    version: str, number: int, flags: list[str]
) -> None:
    deploy("ada", wasm(1))
    deploy("ada", wasm(2))
    install("ada", wasm(1), "clock", module_version="0.2.0")

    outcome = install("ada", wasm(number), "clock", module_version=version)

    assert outcome.status is DecisionStatus.APPLIED
    event = outcome.appended[0].recorded.event
    assert list(getattr(event, "flags", ())) == flags
    assert verify_world("demo").ok


def test_m11_nothing_that_agents_do_deletes_content_or_artifacts() -> None:
    for number in (1, 2):
        deploy("ada", wasm(number))
        install("ada", wasm(number), "clock", activate=number == 1)

    rebuild_world("demo")

    assert set(Content.objects.values_list("digest", flat=True)) == {
        hash_of(wasm(1)),
        hash_of(wasm(2)),
    }
    assert Artifact.objects.count() == 2
    assert InstalledModule.objects.get().active is False


@pytest.mark.parametrize("spelling", ["{}", "0x{}", "0X{}", "sha256:{}", " {}\n"])
def test_h09_every_spelling_of_a_hash_is_the_same_artifact(spelling: str) -> None:
    deploy("ada", wasm())
    other = spelling.format(hash_of(wasm()).upper())

    again = decide(
        "ada", "deploy_module_artifact", wasm_hash=other, wasm_bytes_hex=wasm().hex().upper()
    )
    installed = decide("ada", "install_module_from_artifact", module_id="clock", wasm_hash=other)

    assert again.status is DecisionStatus.UNCHANGED
    assert installed.status is DecisionStatus.APPLIED
    assert InstalledModule.objects.get().wasm_hash == hash_of(wasm())
    assert Artifact.objects.count() == Content.objects.count() == 1


def test_bytes_without_their_hash_are_neither_stored_nor_published() -> None:
    refused = decide(
        "ada", "deploy_module_artifact", wasm_hash="a" * 64, wasm_bytes_hex=wasm().hex()
    )

    assert code_of(refused) == "hash_mismatch"
    assert not Content.objects.exists()
    assert not Artifact.objects.exists()
