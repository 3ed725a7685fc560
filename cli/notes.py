"""What works in a configuration and could be better, or does not do what it seems to."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from cli.account import Account
from cli.payloads import SOMETIMES, needed
from passerelle.otp.config import Delivery, MailgunConfig
from passerelle.otp.form import holds_code, placeholders

_OF_A_SECRET = (
    "endpoint",
    "domain",
    "apiKey",
    "from",
    "deliveries",
    "webhookSigningKey",
    "webhookSigningKeys",
    "readApiKey",
)
_OF_A_TRANSLATION = ("subject", "replyTo", "html", "text", "template", "variables")
_OF_A_DELIVERY = (*_OF_A_TRANSLATION, "locales")


def notes_on(account: Account, kind: str, payload: Mapping[str, Any]) -> list[str]:
    """Look the configuration through, and what it makes of this payload."""
    found = [*_unknown("", account.secret, _OF_A_SECRET), *_of_account(account.config)]
    for name, delivery in (account.secret.get("deliveries") or {}).items():
        found += _of_delivery(f"deliveries.{name}", delivery, like_logto=account.style.like_logto)
    for place, each in _all_of(account.config):
        if holds_code(each.subject):
            found.append(f"{place}.subject holds the code, which mail servers and locked telephones show")
    return [*found, *_of_type(account, kind, payload)]


def _unknown(place: str, given: Mapping[str, Any], known: Collection[str]) -> Iterator[str]:
    for name in [name for name in given if name not in known]:
        near = get_close_matches(name, known, 1)
        meant = f": did you mean {near[0]}?" if near else ", and not used"
        yield f"{place}{'.' if place else ''}{name} is unknown{meant}"


def _of_account(config: MailgunConfig) -> Iterator[str]:
    if urlsplit(config.endpoint).path.strip("/"):
        yield 'endpoint has a path, but /v3/… is added to it: Mailgun\'s own is "https://api.mailgun.net"'
    if "@" not in config.sender:
        yield 'from has no address in it, such as "Example <sign-in@mg.example.com>"'


def _of_delivery(place: str, given: Mapping[str, Any], *, like_logto: bool) -> Iterator[str]:
    yield from _unknown(place, given, _OF_A_DELIVERY)
    if given.get("html") and given.get("template"):
        used, unused = ("template", "html") if like_logto else ("html", "template")
        yield f"{place} has both html and template: {used} is used, {unused} is not"
    if not given.get("subject"):
        yield f"{place} has no subject" + ("" if given.get("html") else ", unless its template has one")
    for tag, own in (given.get("locales") or {}).items():
        yield from _unknown(f"{place}.locales.{tag}", own, _OF_A_TRANSLATION)
        if own.get("html") and given.get("text") and not own.get("text"):
            yield f"{place}.locales.{tag} has html and no text: the text goes out untranslated"


def _all_of(config: MailgunConfig) -> Iterator[tuple[str, Delivery]]:
    for name, delivery in config.deliveries.items():
        yield from _variants(f"deliveries.{name}", delivery)


def _variants(place: str, delivery: Delivery) -> Iterator[tuple[str, Delivery]]:
    yield place, delivery
    for tag, translated in delivery.locales.items():
        yield f"{place}.locales.{tag}", translated


def _of_type(account: Account, kind: str, payload: Mapping[str, Any]) -> Iterator[str]:
    config = account.config
    place = f"deliveries.{kind if kind in config.deliveries else 'Generic'}"
    seen = set()
    for where, each in _variants(place, config.delivery(kind)):
        by_template = each.html is None or (each.template is not None and account.style.like_logto)
        for member in ("subject",) if by_template else ("subject", "html", "text"):
            text = getattr(each, member)
            if text is None or (member, text) in seen:  # what a translation has from its delivery
                continue
            seen.add((member, text))
            yield from _of_text(f"{where}.{member}", text, kind, payload)
            if member != "subject" and needed(kind) not in placeholders(text):
                yield f"{where}.{member} has no {{{{{needed(kind)}}}}}"


def _of_text(place: str, text: str, kind: str, payload: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys(placeholders(text)):
        root = name.split(".")[0]
        if root not in payload:
            when = f", {SOMETIMES[root]}" if root in SOMETIMES else ""
            yield f"{place}: {{{{{name}}}}} stays as it is, since Logto sends no {root} for {kind}{when}"
