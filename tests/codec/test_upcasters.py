"""E11: every schema version that was ever written stays readable, one golden file each."""

from pathlib import Path

import pytest

from lifecycle.codec.events import check_entering, encode_event, kind_of
from lifecycle.codec.upcasters import CURRENT_VERSIONS, UnknownSchemaError, upcast
from lifecycle.core.events import SELF_AGENT, Event, InstallTarget, ModuleInstalled
from tests.codec.samples import journal

GOLDEN = Path(__file__).parent.parent / "golden"
VERSIONS = [
    (kind, version)
    for kind, current in CURRENT_VERSIONS.items()
    for version in range(1, current + 1)
]


def golden(kind: str, version: int) -> bytes:
    """Read a file; its last line break is the file's, not the event's."""
    return (GOLDEN / f"{kind}.v{version}.json").read_bytes().removesuffix(b"\n")


def sample(kind: str) -> Event:
    return next(recorded.event for recorded in journal() if kind_of(recorded.event) == kind)


def test_there_is_a_golden_file_for_every_version_and_no_other() -> None:
    expected = sorted(f"{kind}.v{version}.json" for kind, version in VERSIONS)

    assert sorted(path.name for path in GOLDEN.glob("*.json")) == expected


@pytest.mark.parametrize(("kind", "version"), VERSIONS)
def test_e11_events_of_every_version_can_be_read(kind: str, version: int) -> None:
    stored = check_entering(golden(kind, version))

    assert kind_of(stored.recorded.event) == kind


@pytest.mark.parametrize(("kind", "version"), CURRENT_VERSIONS.items())
def test_the_current_version_is_written_as_it_always_was(kind: str, version: int) -> None:
    encoded = golden(kind, version)
    stored = check_entering(encoded)

    assert stored.recorded.event == sample(kind)
    assert encode_event(stored.recorded, stored.prev_hash) == encoded


def test_e11_an_install_of_version_1_was_for_the_installing_agent_and_flagged_nothing() -> None:
    event = check_entering(golden("ModuleInstalled", 1)).recorded.event

    assert isinstance(event, ModuleInstalled)
    assert event.install_target == InstallTarget(type=SELF_AGENT)
    assert event.flags == ()


@pytest.mark.parametrize("version", [0, -1, 3])
def test_a_version_that_was_never_written_is_refused(version: int) -> None:
    with pytest.raises(UnknownSchemaError, match=f"no schema version {version}"):
        upcast("ModuleInstalled", version, {})


def test_lifting_leaves_the_old_payload_as_it_is() -> None:
    old = {"module_id": "clock"}

    upcast("ModuleInstalled", 1, old)

    assert old == {"module_id": "clock"}
