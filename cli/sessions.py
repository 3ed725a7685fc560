"""`passerelle sessions`: where somebody is signed in, and end that."""

import argparse
import json
import sys
from typing import Any

from cli.asking import is_agreed
from cli.problems import Problem, Refused
from cli.services import Troubles, services_of
from cli.stack import add_stack, stack_of
from passerelle import session_list
from passerelle.errors import Misconfigured, NotFound, Unavailable
from passerelle.services import Services
from passerelle.session_list import Listed
from passerelle.sessions import partition
from passerelle.times import timestamp

SHORT = 8
"""Characters of an id that are shown, and the least that are taken."""

SUBJECT = "the user's id at Logto (sub), such as mjt0ihu0vqqh; not an address"


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "sessions", help="list a user's sessions, or end them", description=f"{__doc__} SUBJECT is {SUBJECT}."
    )
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    shown = actions.add_parser("list", help="list the live sessions of a user")
    shown.set_defaults(run=_list)
    ended = actions.add_parser(
        "end",
        help="end a session of a user, or all of them",
        description="End sessions at once, and revoke their tokens at Logto. Exit code 1: not all could be "
        "revoked there. With --all, a sign-in that is under way ends, too; to keep somebody out, suspend "
        "them at Logto.",
    )
    which = ended.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--session",
        metavar="ID",
        help=f"end this one; the {SHORT} characters of list will do. --session=ID if it begins with -",
    )
    which.add_argument("--all", action="store_true", help="end all of them")
    ended.add_argument("--yes", action="store_true", help="do not ask before ending all")
    ended.set_defaults(run=_end)
    for action in (shown, ended):
        action.add_argument("subject", metavar="SUBJECT", help=SUBJECT)
        add_stack(action)


def _list(options: argparse.Namespace) -> int:
    services = services_of(stack_of(options))
    listed = _sessions_of(services, _user(services, options.subject))
    if options.json:
        print(json.dumps({"sessions": [_as_json(services, each) for each in listed]}, indent=2))
        return 0
    row = "{:<10}{:<22}{:<22}{:<22}{:<17}{}"
    if listed:
        print(row.format("id", "signed in", "last seen", "ends", "browser", "system"))
    for each in listed:
        said = _as_json(services, each)
        times = (said["created_at"], said["last_seen_at"], said["expires_at"])
        print(row.format(each.session.id[:SHORT], *times, said["browser"], said["system"]))
    print(f"{_counted(len(listed))} of {options.subject}" + ("" if listed else f" (SUBJECT is {SUBJECT})"))
    return 0


def _end(options: argparse.Namespace) -> int:
    services = services_of(stack_of(options))
    user = _user(services, options.subject)
    listed = _sessions_of(services, user)
    chosen = listed if options.all else [_named(listed, options.session)]
    question = f"End {_counted(len(chosen))} of {options.subject}?"
    if options.all and not options.yes and not is_agreed(question, "--yes"):
        print("Nothing was ended.", file=sys.stderr)
        return 1
    with Troubles() as troubles:
        ended = _ended(services, user, "" if options.all else chosen[0].session.id)
    if options.json:
        print(json.dumps({"ended": ended, "troubles": troubles.found}, indent=2))
    else:
        print(f"{_counted(ended)} of {options.subject} ended.")
    for trouble in troubles.found:
        print(f"passerelle: not all was revoked at Logto: {trouble}", file=sys.stderr)
    return 1 if troubles.found else 0


def _user(services: Services, subject: str) -> str:
    try:
        keyring = services.secrets.keys.get(services.clock.now())
    except Unavailable as error:
        raise Refused(f"the secret KeysSecret: {error.reason}") from None
    except Misconfigured as error:
        raise Problem(f"the secret KeysSecret: {error.reason}") from None
    return partition(keyring, services.settings.issuer, subject)


def _sessions_of(services: Services, user: str) -> list[Listed]:
    try:
        return session_list.sessions_of(services, user, services.clock.now())
    except Unavailable as error:
        raise Refused(f"the table does not answer: {error.reason}") from None


def _ended(services: Services, user: str, session_id: str) -> int:
    now = services.clock.now()
    try:
        if not session_id:
            return session_list.end_all(services, user, now, cause="ended_by_operator")
        session_list.end_one(services, user, session_id, now, cause="ended_by_operator")
    except NotFound:
        return 0  # somebody was quicker
    except Unavailable as error:
        raise Refused(f"the table does not answer: {error.reason}. Run it again, to be sure") from None
    return 1


def _named(listed: list[Listed], named: str) -> Listed:
    """Find the session by the beginning of its id."""
    found = [each for each in listed if each.session.id.startswith(named)]
    if len(named) < SHORT or len(found) != 1:
        raise Problem(
            f"{named!r} is not the id of one live session of this user: see `passerelle sessions list`"
        )
    return found[0]


def _as_json(services: Services, each: Listed) -> dict[str, Any]:
    session = each.session
    idle_end = session.last_seen_at + services.settings.session_idle_seconds
    said = {name: value for name, value in each.as_json("").items() if name != "current"}
    return said | {"expires_at": timestamp(min(session.expires_at, idle_end))}


def _counted(number: int) -> str:
    return f"{number} session{'' if number == 1 else 's'}"
