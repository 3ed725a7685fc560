"""Where the Mailgun account comes from: a stack, deployed or of `make run`, a file, or variables."""

import argparse
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cli.problems import Problem
from cli.stack import Stack, stack_of
from cli.variables import read_variables
from local.checks import MAILGUN_VARIABLES, ConfigError
from local.mailgun_config import DELIVERIES_ALONE, holds_deliveries_alone, read_secret
from passerelle.errors import Misconfigured
from passerelle.log import discreet
from passerelle.otp.config import PLACE, MailgunConfig, parse_mailgun_config
from passerelle.otp.form import Style
from passerelle.settings import is_near

SOURCES = """\
the account is, in this order:
  --stack NAME      that of a deployed stack; AWS credentials and region as for the AWS CLI
  --local URL       that of the running `make run`; URL is what it prints as the address of AWS
  --config FILE     the JSON of Logto's Mailgun connector, or of the Mailgun secret
  the environment   MAILGUN_CONFIG=FILE, or MAILGUN_API_KEY, MAILGUN_DOMAIN and MAILGUN_FROM; with both
                    MAILGUN_ENDPOINT. They may stand in .env in this folder
MAILGUN_READ_API_KEY, or readApiKey in the JSON, is a key that may look at bounces, where the other may only
send.
"""

_VARIABLES = {
    "apiKey": "MAILGUN_API_KEY",
    "domain": "MAILGUN_DOMAIN",
    "from": "MAILGUN_FROM",
    "endpoint": "MAILGUN_ENDPOINT",
}


@discreet
class Account(NamedTuple):
    """A Mailgun account, and the stack that uses it, if one was named."""

    source: str
    """Where the configuration comes from, in words."""
    secret: Mapping[str, Any]
    """The configuration as it was written."""
    config: MailgunConfig
    style: Style
    read_api_key: str
    """May look at bounces; the sending key when there is no other."""
    stack: Stack | None

    def problem(self, error: Misconfigured) -> Problem:
        """Tell what is wrong with the configuration, and where it stands."""
        return _problem(self.source, error)


def add_source(parser: argparse.ArgumentParser) -> None:
    """Let a command be told where its account comes from."""
    parser.epilog = SOURCES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--stack", metavar="NAME", help="use the account of this deployed stack")
    source.add_argument("--config", metavar="FILE", help="use the account in this JSON file")
    source.add_argument("--local", metavar="URL", help="use the account of `make run`, whose AWS is there")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def find_account(options: argparse.Namespace) -> Account:
    """Read the account that the options name; raises `Problem`."""
    variables = read_variables("MAILGUN_")
    stack = stack_of(options) if options.local or options.stack else None
    source, secret = _from_stack(stack) if stack else secret_here(options.config, variables)
    try:
        config = parse_mailgun_config(secret)
    except Misconfigured as error:
        raise _problem(source, error) from None
    return Account(
        source=source,
        secret=secret,
        config=config,
        style=stack.style if stack else Style(variables.get("MAILGUN_COMPAT") == "logto"),
        read_api_key=_read_api_key(secret, config, stack, variables),
        stack=stack,
    )


def _read_api_key(
    secret: Mapping[str, Any], config: MailgunConfig, stack: Stack | None, variables: Mapping[str, str]
) -> str:
    if stack and stack.endpoint and is_near(urlsplit(config.endpoint).hostname or ""):
        return config.api_key  # opens all of the embedded Mailgun, which is to see no other one
    return str(variables.get("MAILGUN_READ_API_KEY") or secret.get("readApiKey") or config.api_key)


def _problem(source: str, error: Misconfigured) -> Problem:
    return Problem(f"{source}: {error.reason.removeprefix(PLACE)}")


def _from_stack(stack: Stack) -> tuple[str, Mapping[str, Any]]:
    source, secret = f"the secret MailgunSecret of {stack.title}", stack.secret("MailgunSecret")
    if holds_deliveries_alone(secret):
        raise Problem(f"{source} {DELIVERIES_ALONE}")
    return source, secret


def secret_here(file: str | None, variables: Mapping[str, str]) -> tuple[str, Mapping[str, Any]]:
    """Return the Mailgun secret of a file or of variables, and where it comes from; raises `Problem`."""
    path = file or variables.get("MAILGUN_CONFIG")
    if path:
        endpoint = variables.get("MAILGUN_ENDPOINT")
        try:
            secret = read_secret(path)
        except ConfigError as error:
            raise Problem(str(error)) from None
        return path if file else f"{path} (MAILGUN_CONFIG)", secret | (
            {"endpoint": endpoint} if endpoint else {}
        )
    found = {name: variables[variable] for name, variable in _VARIABLES.items() if variable in variables}
    if not found:
        raise Problem(
            "no Mailgun account: give --stack NAME, --local URL or --config FILE, or set MAILGUN_API_KEY etc."
        )
    missing = [variable for variable in MAILGUN_VARIABLES if variable not in variables]
    if missing:
        raise Problem(f"the variables {' and '.join(missing)} are missing, in the environment and in .env")
    return "the variables MAILGUN_…", found
