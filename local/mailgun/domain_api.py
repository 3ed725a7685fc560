"""The API of the domain: its state, DNS records, tracking and templates, and the account's signing key."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from local.mailgun.access import guarded
from local.mailgun.misbehaviour import response_for

if TYPE_CHECKING:
    from local.mailgun import EmbeddedMailgun

TEMPLATES_A_PAGE = 10
_FOOTERS = {"html_footer": '<p><a href="%unsubscribe_url%">unsubscribe</a></p>', "text_footer": ""}


def describing(mailgun: EmbeddedMailgun) -> Blueprint:
    """The routes; a key that may only send is refused on all of them."""
    api = Blueprint("describing", __name__)
    api.before_request(guarded(mailgun))

    @api.get("/<any('v3', 'v4'):version>/domains/<domain>")
    def domain(version: str, domain: str) -> Response:
        return response_for((200, _domain(mailgun, request.args.get("h:with_dns") != "false")))

    @api.put("/<any('v3', 'v4'):version>/domains/<domain>/verify")
    def verify(version: str, domain: str) -> Response:
        mailgun.verify()
        said = {"message": "Domain DNS records have been updated"}
        return response_for((200, said | _domain(mailgun, with_dns=True)))

    @api.get("/v3/domains/<domain>/tracking")
    def tracking(domain: str) -> Response:
        active = {kind: {"active": mailgun.tracking[kind]} for kind in ("click", "open", "unsubscribe")}
        active["open"] |= {"place_at_the_top": False}
        footers = {"unsubscribe": active["unsubscribe"] | _FOOTERS}
        return response_for((200, {"tracking": {**active, **footers, "web_scheme": mailgun.web_scheme}}))

    @api.get("/v3/<domain>/templates")
    def templates(domain: str) -> Response:
        return response_for((200, _templates(mailgun)))

    @api.get("/v3/<domain>/templates/<name>")
    def template(domain: str, name: str) -> Response:
        found = mailgun.templates.get(name)
        if found is None:
            return response_for((404, {"message": "template not found"}))
        shown = found.as_json(_created_at(mailgun), active=request.args.get("active") == "yes")
        return response_for((200, {"template": shown}))

    @api.get("/v5/accounts/http_signing_key")
    def signing_key() -> Response:
        return response_for((200, {"http_signing_key": mailgun.webhook_signing_key, "message": "success"}))

    return api


def _domain(mailgun: EmbeddedMailgun, with_dns: bool) -> dict[str, object]:
    shown: dict[str, object] = {"domain": mailgun.domain_as_json()}
    if with_dns:
        shown["receiving_dns_records"] = [record.as_json() for record in mailgun.receiving_records()]
        shown["sending_dns_records"] = [record.as_json() for record in mailgun.sending_records()]
    return shown


def _templates(mailgun: EmbeddedMailgun) -> dict[str, object]:
    names, limit = sorted(mailgun.templates), _limit()
    page, pivot = request.args.get("page"), request.args.get("p", "")
    if page == "last":
        names = names[-limit:]
    elif page in ("prev", "previous"):
        names = [name for name in names if name < pivot][-limit:]
    else:
        names = [name for name in names if page != "next" or name > pivot][:limit]
    start, end = (names[0], names[-1]) if names else (pivot, pivot)
    queries: dict[str, dict[str, str]] = {
        "first": {"page": "first"},
        "last": {"page": "last"},
        "next": {"page": "next", "p": end},
        "previous": {"page": "prev", "p": start},
    }
    paging = {
        name: f"{request.base_url}?{urlencode(query | {'limit': limit})}" for name, query in queries.items()
    }
    items = [mailgun.templates[name].as_json(_created_at(mailgun)) for name in names]
    return {"items": items, "paging": paging}


def _limit() -> int:
    return min(max(request.args.get("limit", TEMPLATES_A_PAGE, type=int), 1), 100)


def _created_at(mailgun: EmbeddedMailgun) -> str:
    return formatdate(mailgun.created_at, usegmt=True).replace("GMT", "UTC")
