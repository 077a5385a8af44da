"""The repository speaks of the project only, never of where or with what it was written.

The words are written in pieces, so that this file does not find itself.
"""

import re

from tests.architecture.sources import files, name_of

BANNED = re.compile(
    "|".join(
        (
            "/work" + "/(main|shared|[.]library)",
            "/opt" + "/(pypi|wheels)",
            "cl" + "aude",
            "co-authored" + "-by",
            "generated" + " with ",
        )
    ),
    re.IGNORECASE,
)


def test_no_file_speaks_of_the_workplace() -> None:
    found = [
        f"{name_of(path)}: {hit.group(0)}"
        for path in files()
        if (hit := BANNED.search(path.read_text(encoding="utf-8", errors="ignore")))
    ]

    assert found == []
