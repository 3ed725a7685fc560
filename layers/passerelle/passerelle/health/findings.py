"""What a check can find: stable codes, and how bad each of them is.

No prose: what a code means and what to do about it stands where an operator reads it, in `cli/doctor` and in
docs/health.md. A function that looks every few minutes need not load it.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

Outcome = Literal["ok", "warning", "failed", "unknown"]
"""`unknown`: it cannot be told, which is no reason to wake anybody."""

_BY_OUTCOME: dict[Outcome, str] = {
    "failed": """
        check_timed_out check_crashed
        public_url_not_https public_url_unreachable public_url_leads_elsewhere
        secret_missing secret_not_readable secret_not_filled_in secret_invalid secrets_unavailable
        table_missing table_not_permitted table_unavailable ttl_off
        logto_unreachable logto_answers_error issuer_mismatch metadata_invalid algorithms_refused
        keys_unusable clock_differs
        client_refused redirect_uri_unregistered client_unknown authorization_refused
        mailgun_unreachable mailgun_answers_error mailgun_key_refused mailgun_domain_not_found
        mailgun_other_region mailgun_refuses domain_unverified domain_disabled dns_record_missing
        canary_refused
        sender_invalid delivery_missing message_without_code template_missing
    """,
    "warning": """
        issuer_not_https return_to_not_https idle_beyond_absolute provider_needed_without_refresh
        limits_contradict budget_refuses_nothing code_lifetime_long
        secret_old logto_webhook_key_missing mailgun_webhook_key_missing
        par_not_offered
        sandbox_domain read_key_refused
        delivery_incomplete message_without_link text_without_code code_in_subject placeholder_unfilled
        client_addresses_missing client_addresses_shared
    """,
    "unknown": """
        check_skipped
        public_url_unknown code_lifetime_unknown
        client_uncheckable
        domain_unreadable templates_unreadable
        client_addresses_unseen
    """,
}

OUTCOMES: Mapping[str, Outcome] = {
    code: outcome for outcome, codes in _BY_OUTCOME.items() for code in codes.split()
}
"""How bad each finding is, by its code."""

_WORST_FIRST: tuple[Outcome, ...] = ("failed", "warning", "unknown", "ok")


class Finding(NamedTuple):
    """Something that is not as it should be, or cannot be told."""

    code: str
    what: str = ""
    """Which one of several, by its name; never a value that is secret or personal."""
    more: Mapping[str, str] = {}
    """What the operator is told besides, and the log is not."""

    @property
    def outcome(self) -> Outcome:
        """How bad it is."""
        return OUTCOMES[self.code]


class Result(NamedTuple):
    """What came of one check."""

    check: str
    findings: tuple[Finding, ...]
    """The worst first; none: all is well."""
    milliseconds: int

    @property
    def outcome(self) -> Outcome:
        """The worst of what was found."""
        return self.findings[0].outcome if self.findings else "ok"

    @property
    def code(self) -> str:
        """Its code."""
        return self.findings[0].code if self.findings else "ok"


class Found(Exception):  # noqa: N818
    """Ends a check with a finding that belongs to the check `owner`, here or where others rely on it."""

    def __init__(self, owner: str, code: str, what: str = "", more: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.owner, self.finding = owner, Finding(code, what, more or {})


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings by how bad they are, and else as they came."""
    return tuple(sorted(findings, key=lambda finding: _WORST_FIRST.index(finding.outcome)))
