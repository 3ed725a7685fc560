"""Where the Mailgun account comes from: a deployed stack, a file, or the variables of `make run`."""

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cli.problems import Problem
from cli.stack import Deployed, deployed
from local.checks import ConfigError
from local.env_file import read_env_file
from passerelle.errors import Misconfigured
from passerelle.log import discreet
from passerelle.otp.config import MailgunConfig, parse_mailgun_config
from passerelle.otp.form import Style

SOURCES = """\
the account is, in this order:
  --stack NAME      that of a deployed stack; AWS credentials and region as for the AWS CLI
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

    config: MailgunConfig
    style: Style
    read_api_key: str
    """May look at bounces; the sending key when there is no other."""
    stack: Deployed | None


def add_source(parser: argparse.ArgumentParser) -> None:
    """Let a command be told where its account comes from."""
    parser.epilog = SOURCES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--stack", metavar="NAME", help="use the account of this deployed stack")
    source.add_argument("--config", metavar="FILE", help="use the account in this JSON file")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def find_account(options: argparse.Namespace) -> Account:
    """Read the account that the options name; raises `Problem`."""
    variables = _variables()
    stack = deployed(options.stack) if options.stack else None
    secret = stack.secret("MailgunSecret") if stack else _from_here(options.config, variables)
    try:
        config = parse_mailgun_config(secret)
    except Misconfigured as error:
        raise Problem(error.reason) from None
    return Account(
        config=config,
        style=stack.style if stack else Style(variables.get("MAILGUN_COMPAT") == "logto"),
        read_api_key=str(variables.get("MAILGUN_READ_API_KEY") or secret.get("readApiKey") or config.api_key),
        stack=stack,
    )


def _variables() -> Mapping[str, str]:
    try:
        variables = {**read_env_file(Path(".env")), **os.environ}
    except ConfigError as error:
        raise Problem(str(error)) from None
    return {name: value.strip() for name, value in variables.items() if value.strip()}


def _from_here(file: str | None, variables: Mapping[str, str]) -> Mapping[str, Any]:
    path = file or variables.get("MAILGUN_CONFIG")
    if path:
        endpoint = variables.get("MAILGUN_ENDPOINT")
        return _read(path) | ({"endpoint": endpoint} if endpoint else {})
    found = {name: variables[variable] for name, variable in _VARIABLES.items() if variable in variables}
    if not found:
        raise Problem("no Mailgun account: give --stack NAME or --config FILE, or set MAILGUN_API_KEY etc.")
    return found


def _read(path: str) -> dict[str, Any]:
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise Problem(f"{path} is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise Problem(f"{path} is not a JSON object")
    return value
