"""`passerelle`: parse the command line, run one command, and end with its exit code."""

import argparse
import json
import sys
from collections.abc import Sequence

from cli import bounces, doctor, rotate, sessions, try_email, who
from cli.deploy import command as deploy
from cli.deploy import firewall
from cli.problems import Problem
from cli.provision import command as provision
from cli.record import recorded
from cli.terminal import plain_output

EXIT_CODES = """\
exit codes:
  0  done
  1  the other side refuses or does not answer, or what was asked for was found wanting
  2  the command line or the configuration is wrong; or, of `provision --plan`, something would change
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="passerelle",
        description="Operate Passerelle from this machine.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in (deploy, firewall, provision, doctor, try_email, bounces, sessions, rotate, who):
        command.add_to(commands)
    options = parser.parse_args(arguments)
    with plain_output():
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    try:
        with recorded(getattr(options, "stack", None)):
            code: int = options.run(options)
    except Problem as problem:
        if options.json:
            print(json.dumps({"error": str(problem)}))
        else:
            print(f"passerelle: {problem}", file=sys.stderr)
        return problem.exit_code
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
