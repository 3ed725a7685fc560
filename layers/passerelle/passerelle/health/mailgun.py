"""Mailgun: whether the domain is there, may send, and is vouched for by DNS.

Never `/verify`: it makes a domain unverified until DNS has been asked again. A domain's sending key may only
send, so with such a key the state cannot be told; a message without a recipient, which Mailgun refuses for
that and does not charge, still tells whether key, domain and region go together.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from passerelle.health.facts import Facts
from passerelle.health.findings import Finding, Found
from passerelle.health.ports import Seen, Unanswered
from passerelle.otp.answer import judged
from passerelle.otp.config import EU, US, MailgunConfig

REGIONS: Sequence[str] = (US, EU)

MAX_RECORDS = 20
"""DNS records that are told of in one run; there are two or three."""

_DKIM = "._domainkey."
_DNS_NAME = re.compile(r"[A-Za-z0-9._*-]{1,253}")


def account(facts: Facts) -> Iterator[Finding]:
    """Look at the domain, with the key that may look if there is one."""
    config, read_key = facts.mailgun(), facts.read_key()
    seen = _domain(facts, config, config.endpoint, read_key or config.api_key)
    if seen.status in (401, 403):
        if read_key:
            yield Finding("read_key_refused")
        yield from _by_sending_key(facts, config)
    elif seen.status == 404 or not isinstance(seen.body.get("domain"), dict):
        yield from _not_here(facts, config, read_key or config.api_key, seen)
    else:
        yield from _state(config.domain, seen.body)
        if read_key:
            # Another key than the one that sends, of which nothing is known by now.
            yield from _by_sending_key(facts, config, is_readable=True)


def canary(facts: Facts) -> Iterator[Finding]:
    """Send a message in test mode, from the sender to itself: it is judged, charged and not delivered."""
    config = facts.mailgun()
    form = {
        "from": config.sender,
        "to": config.sender,
        "subject": "Passerelle: a message in test mode",
        "text": "This message is never delivered.",
        "o:testmode": "yes",
    }
    url = f"{domain_url(config.endpoint, config, 'v3')}/messages"
    seen = _answered("canary", lambda: facts.instruments.web.post(url, form, "api", config.api_key))
    verdict = judged(seen.status, seen.text)
    if not verdict.is_accepted:
        yield Finding("canary_refused", verdict.cause)


def get(facts: Facts, owner: str, url: str, key: str) -> Seen:
    """Fetch from Mailgun; raises `Found` when there is no answer, or a fault of Mailgun's own."""
    return _answered(owner, lambda: facts.instruments.web.get(url, "api", key))


def domain_url(endpoint: str, config: MailgunConfig, version: str) -> str:
    """Return the address of the domain in Mailgun's API."""
    domains = "domains/" if version == "v4" else ""
    return f"{endpoint.rstrip('/')}/{version}/{domains}{quote(config.domain, safe='')}"


def _answered(owner: str, ask: Callable[[], Seen]) -> Seen:
    try:
        seen = ask()
    except Unanswered as error:
        raise Found(owner, "mailgun_unreachable", more={"cause": str(error)}) from None
    if seen.status >= 500 or seen.status == 429:
        raise Found(owner, "mailgun_answers_error", str(seen.status))
    return seen


def _domain(facts: Facts, config: MailgunConfig, endpoint: str, key: str) -> Seen:
    return get(facts, "mailgun", domain_url(endpoint, config, "v4"), key)


def _by_sending_key(facts: Facts, config: MailgunConfig, *, is_readable: bool = False) -> Iterator[Finding]:
    """Ask with the key that sends; silent when all is well, unless nothing else could be read."""
    seen = _without_recipient(facts, config, config.endpoint)
    cause = judged(seen.status, seen.text).cause
    if cause == "recipient_invalid":
        if not is_readable:
            yield Finding("domain_unreadable")
    elif cause == "mailgun_auth_failed":
        yield Finding("mailgun_key_refused")
    elif cause == "domain_not_found":
        yield from _not_here(facts, config, config.api_key, seen)
    else:
        yield Finding("mailgun_refuses", cause)


def _without_recipient(facts: Facts, config: MailgunConfig, endpoint: str) -> Seen:
    """Post a message that has no recipient, so that it can never be sent."""
    url = f"{domain_url(endpoint, config, 'v3')}/messages"
    return _answered("mailgun", lambda: facts.instruments.web.post(url, {}, "api", config.api_key))


def _not_here(facts: Facts, config: MailgunConfig, key: str, seen: Seen) -> Iterator[Finding]:
    """Ask the other region for the domain."""
    here = config.endpoint.rstrip("/")
    for other in (region for region in REGIONS if here in REGIONS and region != here):
        there = _domain(facts, config, other, key)
        is_there = there.status == 200
        if there.status in (401, 403):
            there = _without_recipient(facts, config, other)
            is_there = judged(there.status, there.text).cause == "recipient_invalid"
        if is_there:
            yield Finding("mailgun_other_region", config.domain, {"here": here, "there": other})
            return
    if seen.status == 404:
        yield Finding("mailgun_domain_not_found", config.domain, {"here": here})
    else:
        yield Finding("mailgun_answers_error", str(seen.status))


def _state(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    """Judge what Mailgun tells of the domain; its own words get into the log only where they are names."""
    domain: Mapping[str, Any] = body["domain"]
    if domain.get("is_disabled") is True or domain.get("state") == "disabled":
        yield Finding("domain_disabled", name)
    elif domain.get("state") != "active":
        yield Finding("domain_unverified", name)
    if domain.get("type") == "sandbox":
        yield Finding("sandbox_domain", name)
    records = body.get("sending_dns_records")
    for record in records[:MAX_RECORDS] if isinstance(records, list) else []:
        if isinstance(record, dict) and _vouches(record) and record.get("valid") != "valid":
            more = {"type": str(record.get("record_type", "")), "value": str(record.get("value", ""))}
            named = str(record.get("name", ""))
            yield Finding("dns_record_missing", named if _DNS_NAME.fullmatch(named) else "", more)


def _vouches(record: Mapping[str, Any]) -> bool:
    """Whether a record is SPF or DKIM; the rest is for links that Mailgun tracks, or for keys not in use.

    DKIM is a TXT, or a CNAME where Mailgun changes the keys by itself.
    """
    if record.get("is_active") is False:
        return False
    return record.get("record_type") == "TXT" or _DKIM in str(record.get("name", ""))
