"""`passerelle rotate`: change the secrets that this stack has made for itself, without one failed request."""

import argparse
import json
import sys
import time
from typing import Any

from cli import key_rotation
from cli.asking import is_agreed
from cli.key_rotation import entries_of, seconds_of, state_of, waiting_key
from cli.problems import Problem, Refused
from cli.services import settings_of
from cli.stack import Stack, add_stack, stack_of
from cli.versions import Version
from cli.waiting import spread_seconds, wait_until
from passerelle.errors import Misconfigured
from passerelle.keys import random_value
from passerelle.times import timestamp

OTHERS = """\
what is made elsewhere is rotated there and put into its secret by hand; docs/operate.md has the commands:
  client secret          add a second one to the application in Logto, put it into LogtoSecret as
                         clientSecret, wait six minutes, delete the first one in Logto
  Logto's webhook key    make a second webhook in Logto, switched off, put both keys into LogtoSecret as
                         webhookSigningKeys, wait six minutes, switch it on, delete the first
  Mailgun's webhook key  put the old one into MailgunSecret as webhookSigningKeys: ["old"], wait six minutes,
                         have Mailgun make another, and put that beside it
  Logto's signing key    rotate it in Logto; nothing is to be done here
"""

DAY = 24 * 3600

_WAITING = "Waiting until every environment has it (Ctrl-C is safe)"


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "rotate",
        help="rotate encryption keys, or the connector's token",
        description=__doc__,
        epilog=OTHERS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(title="secrets", required=True, metavar="SECRET")
    keys = kinds.add_parser(
        "keys",
        help="the keys that seal cookies and stored sessions",
        description="Add a key that only opens, wait until every environment has it, and let it seal then. "
        "Stopped at any time, it goes on when it is run again. Nobody is signed out.",
    )
    instead = keys.add_mutually_exclusive_group()
    instead.add_argument("--show", action="store_true", help="show which keys there are, and change nothing")
    instead.add_argument(
        "--drop-old", action="store_true", help="drop the keys that no session can need any more"
    )
    keys.set_defaults(run=_keys)
    token = kinds.add_parser(
        "connector-token",
        help="the bearer token with which Logto calls /send-otp",
        description="Add a token, wait until every environment has it, and print it for Logto's connector. "
        "Both are accepted until --finish. Run again before that, it prints the same one.",
    )
    token.add_argument("--finish", action="store_true", help="accept the newest token only")
    token.add_argument("--yes", action="store_true", help="do not ask before that")
    token.set_defaults(run=_token)
    for kind in (keys, token):
        add_stack(kind)


def _keys(options: argparse.Namespace) -> int:
    stack = stack_of(options)
    held = stack.version("KeysSecret")
    try:
        if options.show:
            return _told(options, held, "")
        return _drop(options, held) if options.drop_old else _rotate(options, stack, held)
    except Misconfigured as error:
        raise Problem(f"{held.name}: {error.reason}") from None


def _rotate(options: argparse.Namespace, stack: Stack, held: Version) -> int:
    lifetime = settings_of(stack).session_absolute_seconds
    new = waiting_key(held.value)
    if new is None:
        held = held.replace_by(key_rotation.with_key_added(held.value, time.time()))
        new = waiting_key(held.value)
        assert new is not None
    print(f"Key {new['kid']} was added at {new['added']}, and only opens yet.", file=sys.stderr)
    wait_until(seconds_of(new["added"]) + spread_seconds(), _WAITING)
    held = stack.version("KeysSecret")
    if entries_of(held.value)[-1]["kid"] == new["kid"]:
        return _told(options, held, f"Key {new['kid']} seals already: somebody else went on with it.")
    if waiting_key(held.value) != new:
        raise Refused(f"{held.name} was changed by somebody else meanwhile. Nothing was written: run again")
    # Some environments seal with the older key until they have read this, and what they seal then lives on.
    needed_until = time.time() + spread_seconds() + lifetime + DAY
    held = held.replace_by(key_rotation.with_key_promoted(held.value, new["kid"], needed_until))
    return _told(
        options, held, f"Key {new['kid']} seals now. --drop-old drops the older ones when it is time."
    )


def _drop(options: argparse.Namespace, held: Version) -> int:
    kept = key_rotation.without_old_keys(held.value, time.time())
    gone = {each["kid"] for each in entries_of(held.value)} - {each["kid"] for each in entries_of(kept)}
    if not gone:
        _told(options, held, "No key can be dropped yet.")
        return 1
    return _told(options, held.replace_by(kept), f"Dropped: {', '.join(sorted(gone))}.")


def _told(options: argparse.Namespace, held: Version, text: str) -> int:
    """Show the keys by their names and times; never a key."""
    states = {each["kid"]: state_of(held.value, each) for each in entries_of(held.value)}
    if options.json:
        shown = [
            {name: value for name, value in each.items() if name != "key"} | {"state": states[each["kid"]]}
            for each in entries_of(held.value)
        ]
        print(json.dumps({"keys": shown}, indent=2))
        return 0
    for kid, state in states.items():
        print(f"{kid:<10} {state}")
    if text:
        print(text)
    return 0


def _token(options: argparse.Namespace) -> int:
    held = stack_of(options).version("ConnectorSecret")
    tokens = held.value.get("tokens") or [held.value.get("token")]
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise Problem(f"{held.name} holds no token")
    if options.finish:
        return _finish(options, held, tokens)
    rest = {name: value for name, value in held.value.items() if name != "token"}
    if len(tokens) == 1:
        added = {"tokens": [*tokens, random_value()], "added": timestamp(int(time.time()))}
        held = held.replace_by(rest | added)
    if "added" in held.value:
        wait_until(seconds_of(held.value["added"]) + spread_seconds(), _WAITING)
    print(
        "Put this into Logto's e-mail connector, as the authorization, or let `./passerelle provision` do "
        "it. When a code has arrived, run this with --finish.",
        file=sys.stderr,
    )
    authorization = f"Bearer {held.value['tokens'][-1]}"
    print(json.dumps({"authorization": authorization}) if options.json else authorization)
    return 0


def _finish(options: argparse.Namespace, held: Version, tokens: list[str]) -> int:
    if len(tokens) == 1:
        print("There is one token only: nothing is to be finished.", file=sys.stderr)
        return 1
    question = (
        "Did a code arrive since Logto's connector has the new token? The old one is refused from now on."
    )
    if not options.yes and not is_agreed(question, "--yes"):
        print("Nothing was changed.", file=sys.stderr)
        return 1
    rest = {name: value for name, value in held.value.items() if name not in {"token", "tokens", "added"}}
    held.replace_by(rest | {"tokens": tokens[-1:]})
    print(json.dumps({"removed": len(tokens) - 1}) if options.json else f"Removed: {len(tokens) - 1}.")
    return 0
