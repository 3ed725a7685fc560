"""The API of the lists of suppressed addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from local.mailgun.access import guarded
from local.mailgun.misbehaviour import response_for
from local.mailgun.outcomes import Suppressed
from local.mailgun.suppressions import Suppression

if TYPE_CHECKING:
    from local.mailgun import EmbeddedMailgun

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000

_LIST = "/v3/<domain>/<any('bounces', 'complaints'):kind>"
# The part of a path before the @ may hold a slash.
_ENTRY = f"{_LIST}/<path:address>"
_MISSING: dict[Suppressed, str] = {
    "bounces": "Address not found in bounces table",
    "complaints": "No spam complaints found for this address",
}
_REMOVED: dict[Suppressed, str] = {
    "bounces": "Bounced address has been removed",
    "complaints": "Spam complaint has been removed",
}


def suppressing(mailgun: EmbeddedMailgun) -> Blueprint:
    """The routes; a key that may only send is refused on all of them."""
    api = Blueprint("suppressing", __name__)

    api.before_request(guarded(mailgun))

    @api.get(_LIST)
    def entries(domain: str, kind: Suppressed) -> Response:
        page = _page(mailgun.suppressions.all(kind))
        return response_for((200, {"items": [entry.as_json() for entry in page], "paging": _paging(page)}))

    @api.get(_ENTRY)
    def entry(domain: str, kind: Suppressed, address: str) -> Response:
        found = mailgun.suppressions.get(kind, address)
        return response_for((200, found.as_json()) if found else (404, {"message": _MISSING[kind]}))

    @api.delete(_ENTRY)
    def remove(domain: str, kind: Suppressed, address: str) -> Response:
        found = mailgun.suppressions.remove(kind, address)
        if found is None:
            return response_for((404, {"message": _MISSING[kind]}))
        return response_for((200, {"message": _REMOVED[kind], "address": found.address}))

    return api


def _page(entries: list[Suppression]) -> list[Suppression]:
    page, pivot, limit = request.args.get("page"), request.args.get("address", ""), _limit()
    if page == "last":
        return entries[-limit:]
    if page == "previous":
        return [entry for entry in entries if entry.address < pivot][-limit:]
    return [entry for entry in entries if page != "next" or entry.address > pivot][:limit]


def _paging(page: list[Suppression]) -> dict[str, str]:
    # As with the real one there is always a next page: the list has ended when that page is empty.
    pivot = request.args.get("address", "")
    start, end = (page[0].address, page[-1].address) if page else (pivot, pivot)
    return {
        "first": _url(page="first"),
        "next": _url(page="next", address=end),
        "previous": _url(page="previous", address=start),
        "last": _url(page="last"),
    }


def _url(**query: str) -> str:
    return f"{request.base_url}?{urlencode({**query, 'limit': _limit()})}"


def _limit() -> int:
    return min(max(request.args.get("limit", DEFAULT_LIMIT, type=int), 1), MAX_LIMIT)
