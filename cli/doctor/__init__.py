"""`passerelle doctor`: look at everything that a sign-in needs, and say what is broken and what to do."""

import argparse
import json
import logging
from typing import Any

from cli.aws import command_line
from cli.doctor.advice import Names
from cli.doctor.instruments import instruments_of
from cli.doctor.report import Report
from cli.problems import Problem, Refused
from cli.stack import SECRETS, Stack, add_stack, stack_of
from passerelle.health.checks import CANARY, CHECKS
from passerelle.health.facts import Facts
from passerelle.health.runner import run as look

NOTES = """\
exit codes:
  0  nothing failed; there may be warnings
  1  something failed
  2  it could not be looked: the command line, the credentials or the settings are at fault

What is looked at leaves no trace at Logto and Mailgun, and one item of its own in the table. Needs:
cloudformation:DescribeStacks; secretsmanager:GetSecretValue for the four secrets; for the table
dynamodb:DescribeTimeToLive, PutItem and BatchGetItem. docs/health.md lists all findings.
"""


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "doctor",
        help="look at everything that a sign-in needs",
        description=__doc__,
        epilog=NOTES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_stack(parser)
    parser.add_argument(
        "--canary",
        action="store_true",
        help="also send a message in test mode; Mailgun charges it and delivers it to nobody",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look, tell each result as it comes, and end with what to do."""
    stack = _stack(options)
    instruments = instruments_of(stack)
    names = Names(
        stack=f"--local {options.local}" if options.local else f"--stack {options.stack}",
        issuer=instruments.settings.issuer,
        table=instruments.settings.table_name,
        secrets={name: stack.output(f"{name}Arn") for name in SECRETS},
        aws=command_line(stack.endpoint),
    )
    checks = (*CHECKS, CANARY) if options.canary else CHECKS
    report = Report(stack.title, instruments.base_url, names, [check.name for check in checks])
    # What a check logs of its own faults is for the functions' log.
    logging.getLogger("passerelle").addHandler(logging.NullHandler())
    if not options.json:
        print(report.heading(), flush=True)
    for result in look(checks, Facts(instruments)):
        report.add(result)
        if not options.json:
            print(report.row(result), flush=True)
    print(json.dumps(report.as_json(), indent=2) if options.json else report.conclusion())
    return 1 if report.count("failed") else 0


def _stack(options: argparse.Namespace) -> Stack:
    """Look the stack up; raises `Problem`, whatever keeps from that: nothing was found to be ill yet."""
    try:
        return stack_of(options)
    except Refused as error:
        raise Problem(str(error)) from None
