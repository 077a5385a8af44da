"""Runs the benches and prints their tables: ``python -m bench [submit] [replay] …``.

Each bench is a process of its own with a fresh folder, so that none warms or fills another's.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BENCHES = {
    "submit": "one decision after another, in process, on SQLite",
    "replay": "a verified replay of 200,000 events, and its memory",
    "growth": "a decision in a world of 200,000 events beside one of 200",
    "pages": "the pages of a world of 100,000 decisions beside those of one of 100",
    "stream": "an event on its way to 50 open streams and 50 open pages",
    "compile": "a compile through the service beside the bare compiler",
}


def scratch_folder() -> Path:
    """Give a fresh folder, in memory where there is one: the disk's flush is no figure of ours."""
    memory = Path("/dev/shm")  # noqa: S108 - a fresh folder in it, not a fixed name
    return Path(tempfile.mkdtemp(prefix="worldsim-bench-", dir=memory if memory.is_dir() else None))


def main() -> int:
    """Run the benches that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("bench", nargs="*", choices=[[], *BENCHES], help="which; all when absent")
    chosen = parser.parse_args().bench or list(BENCHES)
    failed = 0
    for name in chosen:
        print(f"\n{name}: {BENCHES[name]}", flush=True)
        folder = scratch_folder()
        environment = {
            **os.environ,
            "WORLDSIM_DATA": str(folder),
            "WORLDSIM_MAX_PENDING_COMPILES": "999",
            # Counted as ever, and never reached.
            "WORLDSIM_SUBMITS_PER_MINUTE": "100000000",
        }
        environment.pop("DATABASE_URL", None)
        try:
            run = subprocess.run(
                [sys.executable, "-m", f"bench.{name}"], env=environment, check=False
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        failed += run.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
