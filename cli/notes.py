"""What works in a configuration and could be better, or does not do what it seems to."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from cli.account import Account
from passerelle.otp.config import Delivery, MailgunConfig
from passerelle.otp.form import holds_code
from passerelle.otp.review import Used, root_of, used_texts, variants
from passerelle.otp.samples import SOMETIMES, needed

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
        yield from variants(f"deliveries.{name}", delivery)


def _of_type(account: Account, kind: str, payload: Mapping[str, Any]) -> Iterator[str]:
    for used in used_texts(account.config, kind, like_logto=account.style.like_logto):
        yield from _of_text(used, kind, payload)
        if used.member != "subject" and used.lacks(needed(kind)):
            yield f"{used.place} has no {{{{{needed(kind)}}}}}"


def _of_text(used: Used, kind: str, payload: Mapping[str, Any]) -> Iterator[str]:
    for name in used.unfilled(payload):
        root = root_of(name)
        when = f", {SOMETIMES[root]}" if root in SOMETIMES else ""
        yield f"{used.place}: {{{{{name}}}}} stays as it is, since Logto sends no {root} for {kind}{when}"
