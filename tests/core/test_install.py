"""Installing: only owners do, and a module id belongs to who installed it first."""

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies

from lifecycle.core.decide import decide
from lifecycle.core.decide.install import is_lower_version
from lifecycle.core.events import VERSION_LOWERED, VERSION_REUSED
from lifecycle.core.rejections import (
    AgentNotFound,
    ArtifactUnknown,
    ModuleIdTaken,
    NotArtifactOwner,
)
from tests.core.builders import (
    ADA,
    BELL,
    BOB,
    CLOCK,
    NOBODY,
    OTHER_WASM,
    POLICY,
    UNKNOWN_WASM,
    WASM,
    deployed,
    given,
    hash_of,
    installed,
    installing,
)


def test_an_owner_installs_under_a_free_module_id() -> None:
    state = given(deployed(WASM, by=ADA))

    verdict = decide(state, installing(CLOCK, WASM, by=ADA), POLICY)

    assert verdict == (installed(CLOCK, WASM, by=ADA),)


def test_a_module_can_be_installed_without_being_active() -> None:
    state = given(deployed(WASM, by=ADA))

    verdict = decide(state, installing(CLOCK, WASM, by=ADA, active=False), POLICY)

    assert verdict == (installed(CLOCK, WASM, by=ADA, active=False),)


def test_a_second_publisher_installs_too() -> None:
    state = given(deployed(WASM, by=ADA), deployed(WASM, by=BOB))

    verdict = decide(state, installing(CLOCK, WASM, by=BOB), POLICY)

    assert verdict == (installed(CLOCK, WASM, by=BOB),)


def test_an_artifact_that_nobody_deployed_is_unknown() -> None:
    verdict = decide(given(), installing(CLOCK, UNKNOWN_WASM, by=ADA), POLICY)

    assert verdict == ArtifactUnknown(hash_of(UNKNOWN_WASM))


def test_who_does_not_own_the_artifact_cannot_install_it() -> None:
    state = given(deployed(WASM, by=ADA))

    verdict = decide(state, installing(CLOCK, WASM, by=BOB), POLICY)

    assert verdict == NotArtifactOwner(BOB, publisher=ADA)


def test_m03_a_module_id_held_by_another_agent_is_refused_naming_the_holder() -> None:
    state = given(
        deployed(WASM, by=ADA),
        deployed(WASM, by=BOB),
        installed(CLOCK, WASM, by=ADA),
    )

    verdict = decide(state, installing(CLOCK, WASM, by=BOB), POLICY)

    assert verdict == ModuleIdTaken(CLOCK, holder=ADA)


def test_an_inactive_module_holds_its_id_as_well() -> None:
    state = given(
        deployed(WASM, by=ADA),
        deployed(WASM, by=BOB),
        installed(CLOCK, WASM, by=ADA, active=False),
    )

    verdict = decide(state, installing(CLOCK, WASM, by=BOB), POLICY)

    assert verdict == ModuleIdTaken(CLOCK, holder=ADA)


def test_the_holder_overwrites_its_own_module() -> None:
    state = given(
        deployed(WASM, by=ADA),
        deployed(OTHER_WASM, by=ADA),
        installed(CLOCK, WASM, by=ADA),
        installed(CLOCK, OTHER_WASM, by=ADA, version="0.2.0"),
    )

    module = state.installed_modules[CLOCK]
    assert module.wasm_hash == hash_of(OTHER_WASM)
    assert module.module_version == "0.2.0"


def test_one_artifact_may_be_installed_under_two_ids() -> None:
    state = given(deployed(WASM, by=ADA), installed(CLOCK, WASM, by=ADA))

    verdict = decide(state, installing(BELL, WASM, by=ADA), POLICY)

    assert verdict == (installed(BELL, WASM, by=ADA),)


def test_an_agent_that_is_not_in_the_world_cannot_install() -> None:
    state = given(deployed(WASM, by=ADA))

    verdict = decide(state, installing(CLOCK, WASM, by=NOBODY), POLICY)

    assert verdict == AgentNotFound("installer", NOBODY)


def test_the_same_version_with_the_same_bytes_is_not_flagged() -> None:
    state = given(deployed(WASM, by=ADA), installed(CLOCK, WASM, by=ADA))

    verdict = decide(state, installing(CLOCK, WASM, by=ADA), POLICY)

    assert verdict == (installed(CLOCK, WASM, by=ADA),)


def test_m09_a_version_used_for_other_bytes_is_allowed_and_flagged() -> None:
    state = given(
        deployed(WASM, by=ADA), deployed(OTHER_WASM, by=ADA), installed(CLOCK, WASM, by=ADA)
    )

    verdict = decide(state, installing(CLOCK, OTHER_WASM, by=ADA), POLICY)

    assert verdict == (installed(CLOCK, OTHER_WASM, by=ADA, flags=(VERSION_REUSED,)),)


def test_m09_a_lower_version_is_allowed_and_flagged() -> None:
    state = given(deployed(WASM, by=ADA), installed(CLOCK, WASM, by=ADA, version="0.2.0"))

    verdict = decide(state, installing(CLOCK, WASM, by=ADA, version="0.1.9"), POLICY)

    assert verdict == (installed(CLOCK, WASM, by=ADA, version="0.1.9", flags=(VERSION_LOWERED,)),)


def test_m09_a_version_may_be_reused_and_lowered_at_once() -> None:
    state = given(
        deployed(WASM, by=ADA),
        deployed(OTHER_WASM, by=ADA),
        installed(CLOCK, WASM, by=ADA, version="1.0.0"),
        installed(CLOCK, WASM, by=ADA, version="2.0.0"),
    )

    verdict = decide(state, installing(CLOCK, OTHER_WASM, by=ADA, version="1.0.0"), POLICY)

    flags = (VERSION_REUSED, VERSION_LOWERED)
    assert verdict == (installed(CLOCK, OTHER_WASM, by=ADA, version="1.0.0", flags=flags),)


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("0.1.0", "0.2.0"),
        ("0.9.0", "0.10.0"),
        ("1.2.3", "2.0.0"),
        ("1.0.0-rc.1", "1.0.0"),
        ("1.0.0-alpha", "1.0.0-beta"),
        ("1.0.0+build.7", "1.0.1"),
    ],
)
def test_versions_are_ordered_by_their_numbers(lower: str, higher: str) -> None:
    assert is_lower_version(lower, higher)
    assert not is_lower_version(higher, lower)


@pytest.mark.parametrize("version", ["nightly", "1.0", "v1.0.0", "1.0.0.0"])
def test_versions_of_another_form_have_no_order(version: str) -> None:
    assert not is_lower_version(version, "9.9.9")
    assert not is_lower_version("0.0.0", version)


@hypothesis_given(strategies.from_regex(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,30}", fullmatch=True))
def test_no_version_is_lower_than_itself(version: str) -> None:
    assert not is_lower_version(version, version)
