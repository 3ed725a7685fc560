"""What AWS keeps for us: the secrets and the table."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from passerelle.errors import StoreUnavailable
from passerelle.health.facts import Facts, parsed
from passerelle.health.findings import Finding, Found
from passerelle.keys import parse_keyring
from passerelle.secrets import parse_connector

OLD_SECONDS = 400 * 24 * 3600
"""A year, and some weeks to think of it."""

ITEM_KEPT_SECONDS = 24 * 3600

_ABSENT = {"ResourceNotFoundException", "ResourceNotFound"}
_FORBIDDEN = {"AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"}


def secrets(facts: Facts) -> Iterator[Finding]:
    """Look at each of the four: whether it is there, can be read as the functions do, and is not too old."""
    parse: Mapping[str, Callable[[], Any]] = {
        "LogtoSecret": facts.client,
        "MailgunSecret": facts.mailgun,
        "ConnectorSecret": lambda: parsed(facts, "ConnectorSecret", parse_connector),
        "KeysSecret": lambda: parsed(facts, "KeysSecret", parse_keyring),
    }
    now = facts.instruments.clock.now()
    for name, secret in facts.secrets.items():
        try:
            age = now - secret.get().made_at
            value = parse[name]()
        except Found as found:
            yield found.finding
            if found.finding.code == "secrets_unavailable":
                return  # as the others will be, each after seconds
            continue
        if age > OLD_SECONDS:
            yield Finding("secret_old", name, {"days": f"{age / 86400:.0f}"})
        if name == "LogtoSecret" and not value.webhook_signing_keys:
            yield Finding("logto_webhook_key_missing")
        if name == "MailgunSecret" and not value.webhook_signing_keys:
            yield Finding("mailgun_webhook_key_missing")


def table(facts: Facts) -> Iterator[Finding]:
    """Look whether items expire, and write one."""
    now = facts.instruments.clock.now()
    try:
        if facts.instruments.table.time_to_live() not in {"ENABLED", "ENABLING"}:
            yield Finding("ttl_off")
        facts.instruments.table.write(now, int(now) + ITEM_KEPT_SECONDS)
    except StoreUnavailable as error:
        code = "table_missing" if error.reason in _ABSENT else "table_unavailable"
        yield Finding("table_not_permitted" if error.reason in _FORBIDDEN else code, error.reason)
