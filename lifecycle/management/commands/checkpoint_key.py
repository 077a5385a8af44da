"""`checkpoint_key`: the public keys that verify this service's checkpoints."""

from argparse import Namespace

from lifecycle.management.command import OperatorCommand
from lifecycle.usecases.checkpoints import known_keys


class Command(OperatorCommand):
    """Print the public keys of checkpoints."""

    help = (
        "Print the public key that signs checkpoints, then the earlier ones, one a line, as "
        "verifiers of signed notes take them. Hand them to those who keep checkpoints."
    )
    example = "checkpoint_key\ncheckpoint_key > worldsim.keys"
    prints_facts = True

    def work(self, options: Namespace) -> None:
        """Print."""
        keys = [key.vkey for key in known_keys()]
        if options.json:
            self.tell_json({"keys": keys})
        else:
            self.tell("\n".join(keys))
