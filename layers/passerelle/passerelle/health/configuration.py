"""The settings: what they lack, what in them contradicts, and what Logto's own do to ours."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from passerelle.health.facts import Facts
from passerelle.health.findings import Finding, Found
from passerelle.settings import Settings, is_near

CODE_SECONDS = 600
"""How long a one-time code may be good for (OWASP ASVS 5.0, 6.5.5), and Logto's own default."""


def settings(facts: Facts) -> Iterator[Finding]:
    """Look through the settings, and at Logto's for the codes."""
    given, base_url = facts.instruments.settings, facts.instruments.base_url
    yield from _addresses(given, base_url)
    yield from _contradictions(given)
    yield from _code_lifetime(facts)


def _addresses(given: Settings, base_url: str) -> Iterator[Finding]:
    is_here = is_near(urlsplit(base_url).hostname or "")
    if base_url.startswith("http:") and not is_here:
        yield Finding("public_url_not_https", base_url)
    if given.issuer.startswith("http:") and not is_here:
        yield Finding("issuer_not_https", given.issuer)
    for origin in given.return_to_origins:
        if origin.startswith("http:") and not is_near(urlsplit(origin).hostname or ""):
            yield Finding("return_to_not_https", origin)


def _contradictions(given: Settings) -> Iterator[Finding]:
    limits = given.send_limits
    if given.session_idle_seconds > given.session_absolute_seconds:
        yield Finding("idle_beyond_absolute")
    if given.session_needs_provider and "offline_access" not in given.scopes:
        yield Finding("provider_needed_without_refresh")
    if limits.budget_refuses and not limits.budget:
        yield Finding("budget_refuses_nothing")
    wider = {"SendLimitDomain": limits.domain, "SendBudget": limits.budget}
    for name, limit in wider.items():
        if limit and max(limits.address, limits.ip) > limit:
            yield Finding("limits_contradict", name)


def _code_lifetime(facts: Facts) -> Iterator[Finding]:
    """Read what Logto's sign-in page reads, without credentials: its settings hold the lifetime of codes."""
    parts = urlsplit(facts.instruments.settings.issuer)
    url = f"{parts.scheme}://{parts.netloc}/api/.well-known/sign-in-exp"
    try:
        seen = facts.asked_logto("configuration", url)
    except Found:  # the check of Logto tells why
        yield Finding("code_lifetime_unknown")
        return
    policy = seen.body.get("verificationCodePolicy") if seen.status == 200 else None
    if not isinstance(policy, dict):
        yield Finding("code_lifetime_unknown")
        return
    seconds = policy.get("expirationDuration", CODE_SECONDS)
    if isinstance(seconds, int) and seconds > CODE_SECONDS:
        yield Finding("code_lifetime_long", f"{seconds // 60} min")
