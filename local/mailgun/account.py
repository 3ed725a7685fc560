"""What an account at Mailgun holds: one domain with its DNS records, webhooks, templates."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from local.mailgun.misbehaviour import Answer

Json = dict[str, Any]

EVENT_TYPES = (
    "accepted",
    "clicked",
    "complained",
    "delivered",
    "opened",
    "permanent_fail",
    "temporary_fail",
    "unsubscribed",
)
"""The names that webhooks are registered under."""

TOLD = ("delivered", "permanent_fail", "temporary_fail", "complained")
"""Those that something happens for here."""


@dataclass
class DnsRecord:
    """A record that the domain ought to have; `valid` is `valid`, `unknown` or `invalid`."""

    record_type: str
    name: str
    value: str
    valid: str = "valid"
    priority: str = ""
    is_active: bool = True

    def as_json(self) -> Json:
        """The record as the API shows it; only one for receiving has a priority."""
        shown = {"record_type": self.record_type, "name": self.name, "value": self.value}
        shown |= {"priority": self.priority} if self.priority else {}
        return {"is_active": self.is_active, "cached": [], "valid": self.valid} | shown


@dataclass
class Template:
    """A stored template and its active version; without a `template` it has none."""

    name: str
    template: str = ""
    description: str = ""
    tag: str = "initial"
    engine: str = "handlebars"
    headers: dict[str, str] = field(default_factory=dict)

    def as_json(self, created_at: str, active: bool = False) -> Json:
        """The template as the API shows it, with the content of its version if that is asked for."""
        shown: Json = {"name": self.name, "description": self.description, "createdAt": created_at}
        if active and self.template:
            shown["version"] = {
                "tag": self.tag,
                "template": self.template,
                "engine": self.engine,
                "createdAt": created_at,
                "comment": "",
                "headers": self.headers,
            }
        return shown


class Account:
    """Plain attributes, which a test changes to make the account ill.

    `domain_state` is `active`, `unverified` or `disabled`; `dns` holds the records `spf`, `dkim` and
    `tracking` for sending, `mxa` and `mxb` for receiving. `elsewhere` says that the domain lies in the other
    region, so that nothing here knows it; `key_refusal` is what a key gets that may not. `webhooks` maps the
    names of events to addresses, `templates` names to templates, and `tracking` the three kinds to whether
    they are on. `calls` has every request to the API, method and path.
    """

    def __init__(self, domain: str, created_at: float) -> None:
        self.domain = domain
        self.created_at = created_at
        self.domain_state = "active"
        self.domain_type = "custom"
        self.is_disabled = False
        self.require_tls = False
        self.skip_verification = False
        self.web_scheme = "https"
        self.elsewhere = False
        self.key_refusal: Answer = (401, "Forbidden")
        self.dns = _records(domain)
        self.tracking = {"click": False, "open": False, "unsubscribe": False}
        self.templates: dict[str, Template] = {}
        self.webhooks: dict[str, list[str]] = {}
        self.calls: list[tuple[str, str]] = []

    @property
    def webhook_url(self) -> str:
        """The address that is told of everything; empty without one. Setting it leaves no other."""
        told: Iterable[str] = self.webhooks.get(TOLD[0], [])
        return next((url for url in told if all(url in self.webhooks.get(name, []) for name in TOLD)), "")

    @webhook_url.setter
    def webhook_url(self, url: str) -> None:
        self.webhooks = {name: [url] for name in TOLD} if url else {}

    def has(self, domain: str) -> bool:
        """Whether the domain is the account's, and lies here."""
        return domain == self.domain and not self.elsewhere

    def verify(self) -> None:
        """Look at the DNS records again: the domain is active if those for sending are valid."""
        valid = all(record.valid == "valid" for record in self.sending_records())
        self.domain_state = "active" if valid else "unverified"

    def sending_records(self) -> list[DnsRecord]:
        """The records without which mail is not believed; tracking's is one of them for Mailgun."""
        return [record for record in self.dns.values() if record.record_type != "MX"]

    def receiving_records(self) -> list[DnsRecord]:
        """The records by which mail comes in."""
        return [record for record in self.dns.values() if record.record_type == "MX"]

    def domain_as_json(self) -> Json:
        """The domain as the API shows it."""
        return {
            "created_at": formatdate(self.created_at, usegmt=True),
            "id": "55a55f40803267158aa113e8",
            "is_disabled": self.is_disabled,
            "name": self.domain,
            "require_tls": self.require_tls,
            "skip_verification": self.skip_verification,
            "smtp_login": f"postmaster@{self.domain}",
            "spam_action": "disabled",
            "state": self.domain_state,
            "type": self.domain_type,
            "use_automatic_sender_security": False,
            "web_prefix": "email",
            "web_scheme": self.web_scheme,
            "wildcard": False,
        }


def _records(domain: str) -> dict[str, DnsRecord]:
    return {
        "spf": DnsRecord("TXT", domain, "v=spf1 include:mailgun.org ~all"),
        "dkim": DnsRecord("TXT", f"k1._domainkey.{domain}", "k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB"),
        "tracking": DnsRecord("CNAME", f"email.{domain}", "mailgun.org"),
        "mxa": DnsRecord("MX", domain, "mxa.mailgun.org", priority="10"),
        "mxb": DnsRecord("MX", domain, "mxb.mailgun.org", priority="10"),
    }
