"""MailgunSecret: left as it is when it is filled in, else filled from where the account is known already."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cli.account import secret_here
from cli.problems import Problem
from cli.provision.connector import EMAIL, find_connector
from cli.provision.prompts import ask, ask_secret, is_somebody_there
from cli.provision.site import Site
from cli.provision.steps import Change
from local.checks import MAILGUN_VARIABLES
from passerelle.errors import Misconfigured
from passerelle.otp.config import DEFAULT_ENDPOINT, PLACE, MailgunConfig, parse_mailgun_config
from passerelle.settings import is_near

NEEDED = ("domain", "apiKey", "from")

_OWN = ".mailgun.net"


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
        return "Logto's Mailgun connector", _demand_mailgun(site, connector["config"])
    if not any(site.variables.get(name) for name in ("MAILGUN_CONFIG", *MAILGUN_VARIABLES)):
        if is_somebody_there():
            return "what was typed", _typed(site)
        raise Problem(
            "MailgunSecret is empty, and Logto has no Mailgun connector to take the account from: set "
            "MAILGUN_CONFIG=FILE, or MAILGUN_API_KEY, MAILGUN_DOMAIN and MAILGUN_FROM"
        )
    return secret_here(None, site.variables)


def _demand_mailgun(site: Site, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take an account from Logto only if it is at Mailgun, or where the operator says; raises `Problem`.

    Logto looks at the end of the address alone, which may be that of its path. The operator's own key for
    webhooks would go there, and all codes.
    """
    endpoint = config.get("endpoint")
    if not endpoint or endpoint == site.variables.get("MAILGUN_ENDPOINT"):
        return config
    try:
        host = urlsplit(str(endpoint)).hostname or ""
    except ValueError:
        host = ""
    if not host.endswith(_OWN) and not is_near(host):
        raise Problem(
            f"Logto's Mailgun connector sends to {endpoint}, which is not Mailgun's: set MAILGUN_ENDPOINT to "
            "that if it is meant to, or fill MailgunSecret in yourself"
        )
    return config


def _typed(site: Site) -> Mapping[str, Any]:
    """Ask for the account, once in a run."""
    if not site.typed_account:
        domain = ask("Mailgun: domain that sends, such as mg.example.com")
        site.typed_account = {
            "domain": domain,
            "from": ask("Mailgun: sender", f"Sign-in <sign-in@{domain}>"),
            "endpoint": ask("Mailgun: endpoint, for the EU https://api.eu.mailgun.net", DEFAULT_ENDPOINT),
            "apiKey": ask_secret("Mailgun: API key"),
        }
    return site.typed_account
