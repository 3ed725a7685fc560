"""`passerelle test-email`: render one message and send it through the configured Mailgun."""

import argparse
import json
import secrets
from typing import Any, NamedTuple

from cli.account import Account, add_source, find_account
from cli.notes import notes_on
from cli.problems import Problem
from cli.remedies import remedy
from passerelle.adapters.mailgun import LIMITS, Mailgun
from passerelle.errors import MailerUnavailable, Misconfigured
from passerelle.otp.answer import NO_ANSWER, Verdict, judged
from passerelle.otp.config import MailgunConfig
from passerelle.otp.form import form_fields
from passerelle.otp.message import MESSAGE_TYPES, Message, is_address
from passerelle.otp.samples import payload_of


class Outcome(NamedTuple):
    """What was asked of Mailgun, and what came of it; `verdict` is None when nothing was sent."""

    url: str
    fields: dict[str, str]
    notes: list[str]
    verdict: Verdict | None
    status: int
    answer: str


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "test-email",
        help="render a message and send it through the configured Mailgun",
        description="Render a message of what Logto sends for its type, and send it through the configured "
        "Mailgun. The code in it is 000000.",
    )
    parser.add_argument("address", metavar="ADDRESS", help="who gets it")
    types = sorted(MESSAGE_TYPES)
    parser.add_argument(
        "--type", metavar="TYPE", default="SignIn", choices=types, help=f"{', '.join(types)} (%(default)s)"
    )
    parser.add_argument("--locale", metavar="TAG", default="", help="language of the reader, such as fr (en)")
    parser.add_argument("--dry-run", action="store_true", help="show the request and send nothing")
    add_source(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Send it, and say what Mailgun said."""
    if not is_address(options.address):
        raise Problem(f"{options.address!r} is not one plain address")
    account = find_account(options)
    payload = payload_of(options.type, options.address, options.locale)
    message = Message(options.address, options.type, payload, None)
    outcome = _try(account, message, dry_run=options.dry_run)
    if options.json:
        print(json.dumps(_as_json(outcome, account.config), indent=2))
    else:
        print(_as_text(outcome, account.config))
    return 0 if outcome.verdict is None or outcome.verdict.is_accepted else 1


def _try(account: Account, message: Message, *, dry_run: bool) -> Outcome:
    config = account.config
    try:
        fields = form_fields(config, message, f"test-{secrets.token_hex(8)}", account.style)
    except Misconfigured as error:
        raise account.problem(error) from None
    url = f"{config.endpoint.rstrip('/')}/v3/{config.domain}/messages"
    notes = notes_on(account, message.type, message.payload)
    if dry_run:
        return Outcome(url, fields, notes, None, 0, "")
    try:
        status, answer = Mailgun().send(config.endpoint, config.domain, config.api_key, fields, LIMITS.total)
    except MailerUnavailable as error:
        return Outcome(url, fields, notes, NO_ANSWER, 0, error.reason)
    return Outcome(url, fields, notes, judged(status, answer), status, answer)


def _as_json(outcome: Outcome, config: MailgunConfig) -> dict[str, Any]:
    said: dict[str, Any] = {"url": outcome.url, "fields": outcome.fields, "notes": outcome.notes}
    said["sent"] = outcome.verdict is not None and outcome.verdict.is_accepted
    if outcome.verdict is None:
        return said
    said |= {"status": outcome.status, "answer": outcome.answer, "cause": outcome.verdict.cause}
    if outcome.verdict.is_accepted:
        return said | {"message_id": outcome.verdict.message_id}
    likely, todo = remedy(outcome.verdict.cause, config.endpoint)
    return said | {"likely_cause": likely, "remedy": todo}


def _as_text(outcome: Outcome, config: MailgunConfig) -> str:
    lines = [f"POST {outcome.url}"]
    for name, value in outcome.fields.items():
        # All of a message is for those who asked to see it.
        shown = value if outcome.verdict is None or len(value) < 200 else f"({len(value)} characters)"
        first, *more = shown.rstrip().split("\n")
        lines += [f"  {name:<18} {first}", *(f"  {'':<18} {line}" for line in more)]
    lines += [f"note: {note}" for note in outcome.notes]
    if outcome.verdict is None:
        return "\n".join([*lines, "Nothing was sent (--dry-run)."])
    lines.append(f"Mailgun answered {outcome.status}: {outcome.answer}" if outcome.status else outcome.answer)
    if outcome.verdict.is_accepted:
        return "\n".join([*lines, "Accepted. Whether it arrives is for the mailbox to show."])
    likely, todo = remedy(outcome.verdict.cause, config.endpoint)
    return "\n".join([*lines, f"likely cause: {likely} ({outcome.verdict.cause})", f"what to do:   {todo}"])
