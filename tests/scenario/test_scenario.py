"""The loop closed: a mistake, its diagnostics, the mended module, its upgrade, by every face."""

from pathlib import Path

from tests.scenario.telling import tell


def test_the_same_story_by_every_way_gives_the_same_journal_and_state(tmp_path: Path) -> None:
    told = tell(tmp_path)

    assert all(one.verified for one in told)
    assert len({one.kinds for one in told}) == 1
    assert len({one.state_digest for one in told}) == 1
    assert told[0].kinds[2:] == (
        "ModuleCompileRequested",
        "ActionRejected",
        "ModuleCompileRequested",
        "ModuleArtifactDeployed",
        "ModuleInstalled",
        "ModuleCompileRequested",
        "ModuleArtifactDeployed",
        "ModuleInstalled",
    )
