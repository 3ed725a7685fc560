"""The command: its options, and what it prints."""

import argparse
import json
import shutil
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence

from cli.problems import Problem, Refused
from cli.provision.application import Application
from cli.provision.connector import Connector
from cli.provision.experience import SignInExperience
from cli.provision.logto import Management, asked, client_for, json_of
from cli.provision.logto_secret import LogtoSecret
from cli.provision.mailgun import MailgunWebhooks
from cli.provision.mailgun_secret import MailgunSecret
from cli.provision.site import Site
from cli.provision.steps import Line, Outcome, Step, go_through
from cli.provision.tenant import WHO, Tenant, find_tenant
from cli.provision.undo import PutBack
from cli.provision.webhook import Webhook, WebhookInUse
from cli.stack import Stack, add_stack, stack_of
from cli.terminal import in_one_line
from cli.variables import read_variables

MAILGUN = """\
the Mailgun account, when MailgunSecret is empty, in this order:
  Logto's own Mailgun connector, if it is the tenant's
  MAILGUN_CONFIG=FILE, or MAILGUN_API_KEY, MAILGUN_DOMAIN and MAILGUN_FROM; with both MAILGUN_ENDPOINT
  what is typed at a prompt
MAILGUN_READ_API_KEY is a key that may set webhooks, where the other may only send, and
MAILGUN_WEBHOOK_SIGNING_KEY is the key they are signed with, where Mailgun does not show it.

exit codes:
  0  all is as it should be, now or already
  1  something was refused or declined; run it again to go on
  2  the command line or the configuration is wrong
with --plan:
  0  nothing would change
  1  it cannot be said what would
  2  something would change
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "provision",
        help="register a stack with Logto and Mailgun, and fill in its secrets",
        description="Register a stack with Logto and Mailgun, and fill in its secrets: application, e-mail "
        "connector, sign-in by e-mailed code, webhooks. Run again, it changes nothing, or goes on.",
        epilog=f"{WHO}\n{MAILGUN}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_stack(parser)
    parser.add_argument("--plan", action="store_true", help="show what would change, and change nothing")
    parser.add_argument(
        "--undo", metavar="FILE", help="put back the e-mail connector that was saved to this file"
    )
    parser.add_argument("--yes", action="store_true", help="replace another e-mail connector without asking")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Go through all steps; the exit code says whether all holds now."""
    try:
        return _run(options)
    except Problem as problem:
        # Of a plan, 2 says that something would change.
        raise Refused(str(problem)) if options.plan else problem from None


def _run(options: argparse.Namespace) -> int:
    variables = read_variables("MAILGUN_", "LOGTO_")
    stack = stack_of(options)
    with Management(_tenant(options, stack, variables)) as logto:
        site = Site(stack, logto, variables, time.time(), agreed=options.yes)
        if site.is_out_of_reach(logto.tenant.origin):
            raise Problem(
                f"{logto.tenant.origin} cannot reach {site.address('SendOtpUrl')} on this machine: provision "
                "a deployed stack, or use a Logto on this machine"
            )
        steps = [PutBack(site, options.undo)] if options.undo else _steps(site)
        if not options.json:
            print(f"{stack.title[0].upper()}{stack.title[1:]}, at {logto.tenant.title}")
        outcome = go_through(steps, plan=options.plan, say=_silent if options.json else _say)
    (_tell_json if options.json else _tell)(outcome, site, options)
    if options.plan and outcome.problem:
        return Refused.exit_code
    return outcome.exit_code


def _steps(site: Site) -> Sequence[Step]:
    """In the order in which nobody who signs in meanwhile is let down.

    Secrets are there before anything is sent that needs them, and the connector is switched when they are.
    """
    return [
        Application(site),
        Webhook(site),
        LogtoSecret(site),
        WebhookInUse(site),
        MailgunSecret(site),
        Connector(site),
        SignInExperience(site),
        MailgunWebhooks(site),
    ]


def _tenant(options: argparse.Namespace, stack: Stack, variables: Mapping[str, str]) -> Tenant:
    issuer = stack.parameters.get("LogtoIssuer", "")
    if options.local and "AUTH_LOGTO_ISSUER" not in variables and "LOGTO_M2M_ID" not in variables:
        return _embedded(issuer)
    return find_tenant(issuer, variables)


def _embedded(issuer: str) -> Tenant:
    """Ask the embedded Logto, which tells programs on this machine who may manage it."""
    origin = issuer.removesuffix("/oidc")
    with client_for(origin) as client:
        answer = asked(client, "the embedded Logto of `make run`", "GET", f"{origin}/admin/management")
    if not answer.is_success:
        raise Refused(f"what answers at {origin} is not the embedded Logto")
    told = json_of(answer, "the embedded Logto")
    return Tenant(
        told["endpoint"].rstrip("/"),
        told["resource"],
        told["tokenEndpoint"],
        told["clientId"],
        told["clientSecret"],
    )


def _say(line: Line) -> None:
    word = {"planned": "would", "done": "done", "declined": "left"}[line.state]
    text = f"{word:<7}{line.step:<16}{in_one_line(line.text)}"
    if sys.stdout.isatty():
        columns = max(60, shutil.get_terminal_size().columns)
        text = textwrap.fill(text, columns, subsequent_indent=" " * 23, break_long_words=False)
    print(text, flush=True)


def _silent(line: Line) -> None:
    """Keep stdout for the JSON object."""


def _tell_json(outcome: Outcome, site: Site, options: argparse.Namespace) -> None:
    tenant = site.logto.tenant
    said = {"stack": site.stack.title, "logto": tenant.origin, "plan": options.plan, **outcome.as_json()}
    saved = {"saved": site.saved} if site.saved else {}
    print(json.dumps(said | {"notes": list(dict.fromkeys(site.notes))} | saved, indent=2))


def _tell(outcome: Outcome, site: Site, options: argparse.Namespace) -> None:
    for note in dict.fromkeys(site.notes):
        print(f"note: {in_one_line(note)}")
    if outcome.problem is None:
        print(_summary(outcome, options))
        return
    print(f"passerelle: {outcome.left[0]}: {outcome.problem}", file=sys.stderr)
    left = ", ".join(dict.fromkeys(outcome.left))
    if options.plan:
        print(f"Nothing was changed (--plan). What it takes of these is not known: {left}.", file=sys.stderr)
        return
    done = sum(line.state == "done" for line in outcome.lines)
    begun = f"{_counted(done)} made, see above" if done else "Nothing was changed"
    # Of an undo that is one step, and what it said is enough.
    todo = f"; not looked at or not finished: {left}. With that mended, run the same command again to go on"
    print(f"{begun}{'' if options.undo else todo}.", file=sys.stderr)


def _summary(outcome: Outcome, options: argparse.Namespace) -> str:
    if not outcome.lines:
        return "Nothing to change: " + ("it is back already." if options.undo else "all is as it should be.")
    if options.plan:
        return f"{_counted(len(outcome.lines))}. Nothing was changed (--plan)."
    if any(line.state == "declined" for line in outcome.lines):
        return "Done but for what was left: run it again when that may be changed."
    late = any(line.step in (LogtoSecret.title, MailgunSecret.title) for line in outcome.lines)
    when = "Functions that run read the secrets anew within five minutes: then" if late else "Now"
    holds = "the connector is back" if options.undo else f"all is as it should be. {when} sign in once"
    return f"{_counted(len(outcome.lines))} made: {holds}."


def _counted(number: int) -> str:
    return f"{number} change{'' if number == 1 else 's'}"
