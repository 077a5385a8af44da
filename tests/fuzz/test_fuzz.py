"""A slice of the fuzz at every run of the tests, and that the fuzz finds what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lifecycle.protocol import json_text
from tests.fuzz.__main__ import main
from tests.fuzz.campaign import Campaign, Line, case_of
from tests.fuzz.cases import Case, decision_of, exactly, free, refused
from tests.fuzz.judging import judge
from tests.fuzz.mutations import LARGEST_BYTES, MUTATIONS
from tests.fuzz.spoiled import SPOILED
from tests.protocol.bodies import COMPILE, MOVE, WAIT, encoded

SEED = 20_250_101
SLICE = 1_000
SIZES = {"source_file_count": None, "source_total_bytes": None}
MOVES = exactly(decision_of(MOVE))


@pytest.mark.parametrize("first", [0, SLICE, 2 * SLICE])
def test_mutated_answers_break_no_promise(first: int) -> None:
    campaign = Campaign(SEED)

    failures = list(campaign.run(range(first, first + SLICE)))

    assert [(failure.number, failure.problems) for failure in failures] == []
    assert sum(line.answers for line in campaign.lines.values()) == SLICE
    assert campaign.lines["whole"].accepted > 0
    assert all(line.accepted == 0 for kind, line in campaign.lines.items() if kind in SPOILED)


def test_every_kind_of_answer_comes_up_and_none_is_too_large() -> None:
    cases = [case_of(SEED, number) for number in range(3 * SLICE)]

    assert {case.kind for case in cases} == {*MUTATIONS, *SPOILED}
    assert max(len(case.body) for case in cases) <= LARGEST_BYTES


def problems_of(case: Case) -> list[str]:
    return [problem for reading in judge(case) for problem in reading.problems]


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        (refused("whole", encoded(WAIT)), "accepted what is no decision"),
        (Case("x", encoded(WAIT), MOVES, MOVES), "accepted another decision"),
        (Case("x", b"{", MOVES, MOVES), "refused as truncated"),
    ],
)
def test_a_broken_promise_is_found_in_every_way_of_reading(case: Case, problem: str) -> None:
    problems = problems_of(case)

    assert len(problems) == 4
    assert all(problem in one for one in problems)


def test_an_answer_that_was_promised_nothing_has_no_problems() -> None:
    assert problems_of(free("x", b"{")) == []
    assert problems_of(free("x", encoded(WAIT))) == []


def test_an_agent_that_was_not_named_is_a_problem() -> None:
    promise = exactly(decision_of(WAIT))
    case = Case("x", encoded({**WAIT, "agent_id": "smith"}), promise, promise, "scout")

    assert problems_of(case) == ["took 'smith' for the agent"] * 2


def test_a_decision_that_cannot_be_written_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser without its look for lone surrogates, to see that the fuzz would miss it."""
    monkeypatch.setattr(json_text, "_find_surrogate", lambda _value, _path: None)

    problems = problems_of(
        free("x", encoded({**COMPILE, "source_files": {"a": "\ud800"}, **SIZES}))
    )

    assert len(problems) == 4
    assert all("judging what came of it raised" in one for one in problems)


def run(*arguments: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *arguments],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_a_table_and_the_same_answers_for_the_same_seed() -> None:
    runs = [run("--answers", "150", "--seed", "7", hash_seed=seed) for seed in ("1", "2")]

    assert [one.returncode for one in runs] == [0, 0]
    assert "0 answers broke a promise." in runs[0].stdout
    assert "two side by side" in runs[0].stdout
    digests = {one.stdout.partition("digest is ")[2][:64] for one in runs}
    assert len(digests) == 1


def test_an_answer_that_breaks_a_promise_is_printed_and_kept_and_the_status_is_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "kept"

    status = main(["--answers", "99", "--slowest-ms", "-1", "--failures", str(folder)])

    shown = capsys.readouterr().out
    assert status == 1
    assert "10 answers broke a promise." in shown
    assert len(list(folder.iterdir())) == 10
    body = (folder / "seed-1-answer-0.bin").read_bytes()
    assert body == case_of(1, 0).body
    assert repr(body)[:500] in shown


@pytest.mark.parametrize("arguments", [["--answers", "0"], ["--answers", "x"], ["--seed", "y"]])
def test_a_command_that_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)


def test_a_line_counts_what_escaped_too() -> None:
    line = Line()
    reading = judge(refused("x", b"{"))[0]

    line.add([reading, reading._replace(result=ValueError("x"), seconds=3.0)])

    assert (line.answers, line.accepted, line.slowest) == (1, 0, 3.0)
    assert dict(line.refused) == {"truncated": 1, "(raised)": 1}
