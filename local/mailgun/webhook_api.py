"""The API of the domain's webhooks: which addresses are told of which events."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from local.mailgun.access import guarded
from local.mailgun.account import EVENT_TYPES
from local.mailgun.misbehaviour import Answer, response_for

if TYPE_CHECKING:
    from local.mailgun import EmbeddedMailgun

MOST_URLS = 3

_ALL = "/v3/domains/<domain>/webhooks"
_ONE = f"{_ALL}/<name>"
_MISSING: Answer = (404, {"message": "Webhook not found"})


def registering(mailgun: EmbeddedMailgun) -> Blueprint:
    """The routes; a key that may only send is refused on all of them."""
    api = Blueprint("registering", __name__)
    api.before_request(guarded(mailgun))

    @api.get(_ALL)
    def all_of_them(domain: str) -> Response:
        return response_for(
            (200, {"webhooks": {name: _shown(urls) for name, urls in mailgun.webhooks.items()}})
        )

    @api.get(_ONE)
    def one(domain: str, name: str) -> Response:
        urls = mailgun.webhooks.get(name)
        return response_for((200, {"webhook": _shown(urls)}) if urls else _MISSING)

    @api.post(_ALL)
    def create(domain: str) -> Response:
        name = request.form.get("id", "")
        if name in mailgun.webhooks:
            return response_for((400, {"message": "Webhook already exists"}))
        return _register(mailgun, name, "created")

    @api.put(_ONE)
    def update(domain: str, name: str) -> Response:
        return _register(mailgun, name, "updated") if name in mailgun.webhooks else response_for(_MISSING)

    @api.delete(_ONE)
    def delete(domain: str, name: str) -> Response:
        urls = mailgun.webhooks.pop(name, None)
        return response_for(_MISSING) if urls is None else _done("deleted", urls)

    return api


def _register(mailgun: EmbeddedMailgun, name: str, what: str) -> Response:
    urls = request.form.getlist("url")
    if refused := _refusal(name, urls):
        return response_for((400, {"message": refused}))
    mailgun.webhooks[name] = list(dict.fromkeys(urls))
    return _done(what, mailgun.webhooks[name])


def _refusal(name: str, urls: list[str]) -> str | None:
    if not name or not urls:
        return f"Missing parameter '{'url' if name else 'id'}'"
    if name not in EVENT_TYPES:
        return f"Unknown webhook type '{name}'"
    if len(urls) > MOST_URLS:
        return f"At most {MOST_URLS} urls are allowed for a webhook"
    if not all(_is_http(url) for url in urls):
        return "Invalid url"
    return None


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _shown(urls: list[str]) -> dict[str, list[str]]:
    return {"urls": urls}


def _done(what: str, urls: list[str]) -> Response:
    return response_for((200, {"message": f"Webhook has been {what}", "webhook": _shown(urls)}))
