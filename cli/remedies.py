"""What Mailgun's answers mean for an operator: the likely cause, and what to do."""

from passerelle.otp.answer import Cause
from passerelle.otp.config import EU, US

_REMEDIES: dict[Cause, tuple[str, str]] = {
    "recipient_invalid": ("Mailgun does not take the address", "check it"),
    "mailer_unavailable": (
        "Mailgun did not answer, or has a fault of its own",
        "check endpoint and the network, and https://status.mailgun.com",
    ),
    "mailgun_rate_limited": (
        "the account has used up what it may send for now",
        "wait, or ask Mailgun for a higher limit",
    ),
    "mailgun_auth_failed": (
        "the key is another account's, was revoked, or is not an API key at all",
        "in Mailgun under Sending, Domain settings, Sending keys: make one for this domain, and set apiKey",
    ),
    "domain_unverified": (
        "the domain's DNS records are not there, or were not seen yet",
        "in Mailgun under Sending, Domain settings, DNS records: set what is missing, and verify",
    ),
    "domain_disabled": ("Mailgun has disabled the domain", "ask Mailgun's support why"),
    "sandbox_recipient_not_authorised": (
        "a sandbox domain or a free account sends to authorized recipients only",
        "authorize the recipient in Mailgun, or use a domain of your own",
    ),
    "account_inactive": ("the Mailgun account was not activated", "follow the link in Mailgun's mail"),
    "account_limited": (
        "the Mailgun account cannot send: plan, payment, or suspension",
        "look at its dashboard",
    ),
    "template_invalid": (
        "the template is not stored at Mailgun for this domain, or html and template are both there",
        "check the name in deliveries against Mailgun's templates of this domain",
    ),
    "message_invalid": ("Mailgun does not take the message", "read its answer; check from and deliveries"),
    "sending_refused": ("Mailgun does not let this account send this", "read its answer, or ask its support"),
    "answer_unexpected": (
        "whatever answered is not Mailgun's message API",
        f"endpoint is {US}, or {EU} for the EU, without a path",
    ),
}


def remedy(cause: Cause, endpoint: str) -> tuple[str, str]:
    """Return the likely cause in words, and what to do about it."""
    if cause == "domain_not_found":
        here, there, other = ("EU", "US", US) if "api.eu." in endpoint else ("US", "EU", EU)
        return (
            f"a domain of the {there} region asked for in the {here}, or the key of another account",
            f'set endpoint to "{other}" if the domain lies there; else check domain and apiKey',
        )
    return _REMEDIES[cause]
