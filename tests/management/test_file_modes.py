"""What the service stores is its owner's alone to read."""

import stat
import subprocess
import sys
from pathlib import Path

from tests.programs import MANAGE, environment


def test_the_store_is_readable_by_its_owner_only_also_in_an_open_folder(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)

    subprocess.run(
        [sys.executable, str(MANAGE), "migrate", "--verbosity", "0"],
        env=environment(folder),
        check=True,
        capture_output=True,
    )

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert {"worldsim.sqlite3", "secret-key"} <= modes.keys()
    assert set(modes.values()) == {0o600}
