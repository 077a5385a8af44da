"""`serve`: everything that one machine needs, in one terminal. Behind `make run`."""

import socket
import threading
from argparse import Namespace
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.db import DatabaseError, connection

from lifecycle.journal.heads import world_heads
from lifecycle.management.command import OperatorCommand, port_in, usage
from lifecycle.management.demo import Demo
from lifecycle.management.first_login import first_login
from lifecycle.management.listening import address_of, open_listener, wait_until_it_answers
from lifecycle.management.local_agent import LocalAgent, port_beside
from lifecycle.management.private_files import shown
from lifecycle.management.reserve import give_up_reserve, keep_reserve
from lifecycle.management.startup import require_sound_start
from lifecycle.management.supervisor import Child, Supervisor, commands_of

_MOST_HEADS_SHOWN = 10


class Command(OperatorCommand):
    """Run web server and worker together, with a demo world."""

    help = (
        "Run the whole service in this terminal until Ctrl-C: make the tables, a log-in and a "
        "demo world where they are missing, then web server and worker. PORT chooses the port "
        "(0: any free one), WORLDSIM_DATA the folder of everything that is stored."
    )
    example = "serve\nserve --local-model\nPORT=9000 WORLDSIM_DATA=/srv/worldsim serve --no-demo"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to make the demo world."""
        parser.add_argument("--no-demo", action="store_true", help="Make no demo world.")
        parser.add_argument(
            "--local-model",
            type=port_in,
            nargs="?",
            const=0,
            metavar="PORT",
            help="Serve the optional local model too, and let it act for an agent of the demo "
            "world. On this port of 127.0.0.1, or on the one after the service's.",
        )

    def work(self, options: Namespace) -> None:
        """Prepare, start, and stay until told to stop."""
        listener = open_listener()
        local = _local_agent(options, listener)
        self.say("Preparing the store")
        try:
            login = self._prepare()
        except DatabaseError as error:
            if not give_up_reserve():
                raise
            self.say(f"The store did not open ({error}). The disk may be full: a reserve of room")
            self.say("was given up to read it. Make room, then start again.")
            connection.close()
            login = self._prepare()
        demo = None if options.no_demo else Demo(self.say)
        told = (listener, login, demo, local)
        threading.Thread(target=self._tell, args=told, daemon=True).start()
        Supervisor(_children(listener, local), self.say).run()
        self.say("Stopped.")

    def _prepare(self) -> str:
        """Make what is missing, look at what is there; give how to log in."""
        call_command("migrate", verbosity=0)
        require_sound_start(self)
        self._say_heads()
        login = first_login()
        keep_reserve()
        return login

    def say(self, text: str) -> None:
        """Write a line at once, whoever reads it."""
        self.stdout.write(text)
        self.stdout.flush()

    def _say_heads(self) -> None:
        """Report the last good position of each world, which matters after a crash."""
        for head in world_heads(_MOST_HEADS_SHOWN):
            self.say(f"World {head.slug}: {head.seq} events, head {head.hash[:12]}…")

    def _tell(
        self, listener: socket.socket, login: str, demo: Demo | None, local: LocalAgent | None
    ) -> None:
        """Say where the service is once it answers, then make the demo world."""
        address = address_of(listener)
        wait_until_it_answers(address)
        self.say(f"\n  worldsim  {address}\n  log in    {login}\n")
        if demo is None or not demo.build():
            return
        self.say(f"\n  Submit a decision:\n  {_curl(address, demo)}\n")
        if local is not None:
            self.say(local.start(address))


def _local_agent(options: Namespace, listener: socket.socket) -> LocalAgent | None:
    if options.local_model is None:
        return None
    if options.no_demo:
        raise usage(
            "--local-model acts for an agent of the demo world, which --no-demo leaves out."
        )
    return LocalAgent(options.local_model or port_beside(listener.getsockname()[1]))


def _children(listener: socket.socket, local: LocalAgent | None) -> list[Child]:
    manage = Path(settings.BASE) / "manage.py"
    if local is None:
        return [Child(command, {}) for command in commands_of(manage, listener.fileno())]
    commands = (local.command(manage), *commands_of(manage, listener.fileno(), local.is_ready))
    return [Child(command, local.changes()) for command in commands]


def _curl(address: str, demo: Demo) -> str:
    return (
        f"curl {address}api/v1/worlds/{demo.world}/decisions/"
        f' -H "Authorization: Bearer $(cat {shown(demo.token_file)})"'
        " -H 'Content-Type: application/json'"
        """ -d '{"decision": "wait_ticks", "ticks": 1}'"""
    )
