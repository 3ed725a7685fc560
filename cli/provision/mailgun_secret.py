"""MailgunSecret: left as it is when it is filled in, else filled from where the account is known already."""

from collections.abc import Mapping
from typing import Any

from cli.account import secret_here
from cli.problems import Problem
from cli.provision.connector import EMAIL, find_connector
from cli.provision.site import Site
from cli.provision.steps import Change
from passerelle.errors import Misconfigured
from passerelle.otp.config import PLACE, MailgunConfig, parse_mailgun_config

NEEDED = ("domain", "apiKey", "from")


def mailgun_secret(site: Site) -> tuple[str, Mapping[str, Any]]:
    """Return what MailgunSecret holds or is going to hold, and where that comes from; raises `Problem`.

    The source is empty when it is there already.
    """
    held = site.secret("MailgunSecret")
    if any(held.get(name) for name in NEEDED):
        return "", held
    source, found = _source(site)
    kept = {name: value for name, value in held.items() if value and name not in found}
    return source, {**found, **kept}


def config_of(site: Site) -> MailgunConfig:
    """Read it as the functions will; raises `Problem`."""
    source, secret = mailgun_secret(site)
    try:
        return parse_mailgun_config(secret)
    except Misconfigured as error:
        where = source or f"the secret MailgunSecret of {site.stack.title}"
        raise Problem(f"{where}: {error.reason.removeprefix(PLACE)}") from None


class MailgunSecret:
    """It holds a Mailgun account."""

    title = "MailgunSecret"

    def __init__(self, site: Site) -> None:
        self._site = site

    def look(self) -> list[Change]:
        """Say where it would be filled from."""
        source, _ = mailgun_secret(self._site)
        config = config_of(self._site)
        if not source:
            return []
        return [Change(f"put in the account of {config.domain}, from {source}", self._write)]

    def _write(self) -> None:
        self._site.put("MailgunSecret", mailgun_secret(self._site)[1])


def _source(site: Site) -> tuple[str, Mapping[str, Any]]:
    connector = find_connector(site.logto)
    if connector and connector["connectorId"] == EMAIL.mailgun:
        return "Logto's Mailgun connector", connector["config"]
    try:
        return secret_here(None, site.variables)
    except Problem as problem:
        raise Problem(
            f"MailgunSecret is empty, and Logto has no Mailgun connector to take the account from: set "
            f"MAILGUN_CONFIG=FILE, or MAILGUN_API_KEY, MAILGUN_DOMAIN and MAILGUN_FROM ({problem})"
        ) from None
