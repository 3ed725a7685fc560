"""The messages: whether every type comes out in every language, with its code and not in the subject."""

from collections.abc import Iterator, Set
from urllib.parse import quote

from passerelle.health.facts import Facts
from passerelle.health.findings import Finding
from passerelle.health.mailgun import domain_url, get
from passerelle.otp.config import MailgunConfig
from passerelle.otp.form import Style, form_fields, holds_code
from passerelle.otp.message import MESSAGE_TYPES, Message
from passerelle.otp.review import Used, goes_by_template, root_of, used_texts, variants
from passerelle.otp.samples import SOMETIMES, needed, payload_of

NEEDED_TYPES = frozenset({"SignIn", "Register"})
"""Types without which nobody can sign in."""

_NOBODY = "somebody@example.com"

MAX_TEMPLATES = 20
"""Names that are looked up at Mailgun in one run."""


def messages(facts: Facts) -> Iterator[Finding]:
    """Render every type in every language, and look templates up where the key may."""
    config, settings = facts.mailgun(), facts.instruments.settings
    style = Style(settings.mailgun_compat == "logto", settings.mailgun_require_tls)
    if "@" not in config.sender:
        yield Finding("sender_invalid")
    delivered = MESSAGE_TYPES if "Generic" in config.deliveries else config.deliveries.keys()
    seen: set[tuple[str, str]] = set()
    for finding in (finding for kind in sorted(delivered) for finding in _of_type(config, kind, style)):
        # What serves for several types is told once.
        if (finding.code, finding.what) not in seen:
            seen.add((finding.code, finding.what))
            yield finding
    yield from _missing(MESSAGE_TYPES - delivered - {"Generic"})
    yield from _templates(facts, config, style)


def _missing(lacking: Set[str]) -> Iterator[Finding]:
    """Name the types that have no delivery, all in one finding."""
    for code, kinds in (
        ("delivery_missing", lacking & NEEDED_TYPES),
        ("delivery_incomplete", lacking - NEEDED_TYPES),
    ):
        if kinds:
            yield Finding(code, ", ".join(sorted(kinds)))


def _of_type(config: MailgunConfig, kind: str, style: Style) -> Iterator[Finding]:
    for language in ("", *config.delivery(kind).locales):
        message = Message(_NOBODY, kind, payload_of(kind, _NOBODY, language), None)
        form_fields(config, message, "", style)
    for used in used_texts(config, kind, like_logto=style.like_logto):
        yield from _of_text(used, kind)


def _of_text(used: Used, kind: str) -> Iterator[Finding]:
    is_lacking = used.member != "subject" and used.lacks(needed(kind))
    if used.member == "subject" and holds_code(used.text):
        yield Finding("code_in_subject", used.place)
    if is_lacking and kind == "OrganizationInvitation":
        yield Finding("message_without_link", used.place)
    elif is_lacking:
        yield Finding("message_without_code" if used.member == "html" else "text_without_code", used.place)
    else:
        for name in used.unfilled(payload_of(kind, _NOBODY, "en")):
            if root_of(name) not in SOMETIMES:
                yield Finding("placeholder_unfilled", used.place, {"placeholder": name, "type": kind})


def _templates(facts: Facts, config: MailgunConfig, style: Style) -> Iterator[Finding]:
    """Ask Mailgun for each template that would be used."""
    names = {
        each.template
        for name, delivery in config.deliveries.items()
        for _, each in variants(f"deliveries.{name}", delivery)
        if each.template is not None and goes_by_template(each, like_logto=style.like_logto)
    }
    key = facts.read_key() or config.api_key
    for name in sorted(names)[:MAX_TEMPLATES]:
        url = f"{domain_url(config.endpoint, config, 'v3')}/templates/{quote(name, safe='')}"
        status = get(facts, "deliveries", url, key).status
        if status in (401, 403):
            yield Finding("templates_unreadable")
            return
        if status == 404:
            yield Finding("template_missing", name)
