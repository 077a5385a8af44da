"""`verify`: prove a world's journal and its tables. What is checked stands in the use case."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from tqdm import tqdm

from lifecycle.codec.notes import NoteFormatError, PublicKey, parse_vkey
from lifecycle.management.command import OperatorCommand, add_world, broken, usage
from lifecycle.usecases.checkpoints import known_keys
from lifecycle.usecases.clock import utc_text
from lifecycle.usecases.proofs import Proof, proof_document, prove, report_document
from lifecycle.usecases.verify import Progress, Report, verify_world


class Command(OperatorCommand):
    """Prove a world's journal."""

    help = (
        "Check every event of a world: its hash, its place in the chain, that it can follow what "
        "went before, that the content it names is there; and that the tables are what the "
        "journal gives. Names the first bad event. Exit status 1 when something is broken."
    )
    example = (
        "verify harbour\nverify harbour --from 1000 --to 2000\n"
        "verify harbour --checkpoint harbour.checkpoint --key worldsim.keys"
    )
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world and the range."""
        add_world(parser)
        parser.add_argument(
            "--from",
            dest="from_seq",
            type=int,
            default=1,
            metavar="SEQ",
            help="First event; past 1 only the chain is checked.",
        )
        parser.add_argument(
            "--to", dest="to_seq", type=int, metavar="SEQ", help="Last event; the head if absent."
        )

        parser.add_argument(
            "--checkpoint",
            metavar="FILE",
            help="A checkpoint that the history must extend; the whole journal is checked then.",
        )
        parser.add_argument(
            "--key",
            metavar="FILE",
            help="The keys that are trusted to have signed it, one a line; those that this "
            "service knows if absent.",
        )

    def work(self, options: Namespace) -> None:
        """Check, print the report, and fail where it is not well.

        Raises:
            CommandError: something is broken, or the options do not go together.
        """
        if options.checkpoint is not None:
            self._prove(options)
            return
        if options.key is not None:
            raise usage("--key goes with --checkpoint.")
        with progress_bar() as progress:
            report = verify_world(
                options.world,
                from_seq=options.from_seq,
                to_seq=options.to_seq,
                progress=progress,
            )
        if options.json:
            self.tell_json(report_document(report))
        else:
            self.tell("\n".join(report_lines(report)))
        if not report.ok:
            raise broken(verdict_of(report))

    def _prove(self, options: Namespace) -> None:
        if options.from_seq != 1 or options.to_seq is not None:
            raise usage("--checkpoint checks the whole journal; leave out --from and --to.")
        note = Path(options.checkpoint).read_bytes().decode(errors="replace")
        keys = known_keys() if options.key is None else _keys_in(Path(options.key))
        with progress_bar() as progress:
            proof = prove(options.world, note, keys, progress)
        if options.json:
            self.tell_json(proof_document(proof))
        else:
            self.tell("\n".join(_proof_lines(proof)))
        if proof.disproof is not None:
            raise broken(
                f"The checkpoint does not hold: {proof.disproof.reason} ({proof.disproof.code})."
            )
        if proof.report is not None and not proof.report.ok:
            raise broken(verdict_of(proof.report))


def _keys_in(path: Path) -> list[PublicKey]:
    lines = path.read_bytes().decode(errors="replace").splitlines()
    try:
        return [parse_vkey(line) for line in lines if line.strip()]
    except NoteFormatError as error:
        raise usage(f"{path} does not hold keys: {error}.") from error


def _proof_lines(proof: Proof) -> list[str]:
    lines = [] if proof.report is None else report_lines(proof.report)
    if proof.signed is not None:
        text, key = proof.signed
        holds = "holds" if proof.disproof is None else "does not hold"
        lines.append(f"checkpoint    of event {text.seq}, {text.made_at}, by {key.vkey}; {holds}")
    return lines


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """Show how far a long check is, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    # Short checks end before the first half second and show no bar.
    with tqdm(unit=" events", delay=0.5, leave=False) as bar:
        yield lambda seq: _move(bar, seq)


def _move(bar: "tqdm[Any]", seq: int) -> None:
    bar.update(seq - bar.n)


def verdict_of(report: Report) -> str:
    """Say in a sentence how the check went."""
    if report.fault is not None:
        fault = report.fault
        return f"{report.world} is broken at event {fault.seq}: {fault.reason} ({fault.code})."
    if report.projections_match is False:
        tables = ", ".join(report.projections_differ)
        return f"The journal of {report.world} is whole, but these tables differ: {tables}."
    return f"{report.world} is whole as far as it was checked."


def report_lines(report: Report) -> list[str]:
    """Give a report as lines for people."""
    tables = {True: "match the journal", False: "differ from the journal", None: "not compared"}
    return [
        f"world         {report.world}",
        f"events        {report.from_seq} to {report.to_seq} of {report.head_seq}",
        f"checked       {report.events_checked}",
        f"checks        {', '.join(report.checks)}",
        f"head hash     {report.head_hash}",
        f"state digest  {report.state_digest or 'not made: the range is not the whole journal'}",
        f"tables        {tables[report.projections_match]}",
        f"checked at    {utc_text(report.checked_at)}, in {report.duration_ms} ms",
        f"result        {verdict_of(report)}",
    ]
