"""A disk without a byte left: the store opens all the same, and tells its last good position."""

import sys
from pathlib import Path

from lifecycle.sandbox.bubblewrap import find_bubblewrap
from tests.programs import MANAGE, run

# Two starts on a small disk of its own; before the second one every byte of it is used.
_TWO_STARTS = """
set -eu
trap 'kill -9 $(jobs -p) 2>/dev/null' EXIT
manage() { "$PYTHON" "$MANAGE" "$@"; }
start() {
    "$PYTHON" "$MANAGE" serve --no-demo >"$1" 2>&1 &
    for _ in $(seq 600); do grep -q 'worldsim  http' "$1" && break; sleep 0.1; done
    kill $! && wait $! || true
}
manage migrate --skip-checks --verbosity 0
manage create_world harbour
start "$LOGS/first"
test -s "$WORLDSIM_DATA/reserve"
dd if=/dev/zero of="$WORLDSIM_DATA/fill" bs=4k status=none || true
manage verify harbour || true
start "$LOGS/second"
"""


def test_e21_a_start_on_a_full_disk_reports_the_last_good_position(tmp_path: Path) -> None:
    found = find_bubblewrap(None)
    assert found is not None
    disk, logs = tmp_path / "disk", tmp_path / "logs"
    disk.mkdir()
    logs.mkdir()
    cage = [str(found), "--dev-bind", "/", "/", "--size", str(160 * 1024 * 1024), "--tmpfs"]
    changes = {"PORT": "0", "MANAGE": str(MANAGE), "PYTHON": sys.executable, "LOGS": str(logs)}

    done = run([*cage, str(disk), "bash", "-c", _TWO_STARTS], disk, changes=changes)

    second = (logs / "second").read_text(encoding="utf-8")
    assert "The store did not answer: disk I/O error" in done.stderr, done.stderr
    assert "The disk may be full" in second
    assert "World harbour: 1 events, head" in second
    assert "worldsim  http://" in second
