"""`passerelle who`: what the audit and the table call a user, or an address."""

import argparse
import json
import sys
from typing import Any

from cli.problems import Problem
from cli.services import settings_of
from cli.stack import add_stack, stack_of
from passerelle.otp.limits import limit_key
from passerelle.sessions import partition


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "who",
        help="what the audit calls a user, or an address",
        description="Print the keyed hash under which the audit has somebody (its member who). It takes the "
        "stack's own key to make it, so that nobody finds a person by trying. With - in place of a name, the "
        "name is read from stdin, and stands neither in the shell's history nor in a list of processes.",
    )
    parser.add_argument(
        "name", metavar="SUBJECT|ADDRESS", help="the user's id at Logto, or an e-mail address; - reads it"
    )
    add_stack(parser)
    parser.set_defaults(run=_who)


def _who(options: argparse.Namespace) -> int:
    name = (sys.stdin.readline() if options.name == "-" else options.name).strip()
    if not name:
        raise Problem("SUBJECT or ADDRESS is empty")
    stack = stack_of(options)
    keyring = stack.keyring
    who = limit_key(keyring, name) if "@" in name else partition(keyring, settings_of(stack).issuer, name)
    print(json.dumps({"who": who}) if options.json else who)
    return 0
