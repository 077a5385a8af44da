"""`invite`: make an invitation into a world and print its code."""

from argparse import Namespace

from django.core.management.base import CommandParser
from django.urls import reverse

from lifecycle.access.callers import get_any_world
from lifecycle.management.command import OperatorCommand, add_world
from lifecycle.usecases.changes import By
from lifecycle.usecases.clock import utc_text
from lifecycle.usecases.invitations import DEFAULT_DAYS, Wanted, invite
from lifecycle.usecases.members import ROLES
from lifecycle.usecases.worlds import COMMAND


class Command(OperatorCommand):
    """Make an invitation into a world."""

    help = (
        "Make an invitation into a world and print its code, alone, on standard output. The code "
        "is shown this once. Who opens it on the page /invitations/ becomes a member, with an "
        "account of his or her own."
    )
    example = "invite harbour --role maintainer\ninvite harbour --role viewer --days 2 > eve.code"
    prints_facts = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the world, the role, and for how long."""
        add_world(parser)
        parser.add_argument(
            "--role",
            required=True,
            metavar="ROLE",
            help=f"One of {', '.join(role.value for role in ROLES)}.",
        )
        parser.add_argument("--note", default="", help="For whom it is; shown in the list only.")
        parser.add_argument(
            "--days", default=str(DEFAULT_DAYS), help="Days until it expires; 7 if absent."
        )

    def work(self, options: Namespace) -> None:
        """Make it and print the code."""
        wanted = Wanted(options.role, options.note, options.days)
        made = invite(get_any_world(options.world), wanted, By(None, COMMAND))
        expires_at = utc_text(made.invitation.expires_at)
        if options.json:
            self.tell_json(
                {
                    "world": options.world,
                    "role": made.invitation.role,
                    "expires_at": expires_at,
                    "code": made.code,
                }
            )
            return
        self.tell(made.code)
        self.note(f"To be opened at {reverse('invitations')} of this service, until {expires_at}.")
