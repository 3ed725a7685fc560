"""What a request's key allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, request

from local.mailgun.misbehaviour import response_for

if TYPE_CHECKING:
    from local.mailgun import EmbeddedMailgun


def may_send(mailgun: EmbeddedMailgun) -> bool:
    """Whether the key is the account's, or the domain's own for sending."""
    return may_manage(mailgun) or (mailgun.sending_key != "" and _given_key() == mailgun.sending_key)


def may_manage(mailgun: EmbeddedMailgun) -> bool:
    """Whether the key is the account's, which opens everything."""
    return _given_key() == mailgun.api_key


def guarded(mailgun: EmbeddedMailgun) -> Callable[[], Response | None]:
    """What a route asks first: the account's key, and a domain that it knows if the path has one."""

    def refuse() -> Response | None:
        domain = (request.view_args or {}).get("domain")
        if not may_manage(mailgun):
            return response_for(mailgun.key_refusal)
        if domain is not None and not mailgun.has(domain):
            return response_for((404, {"message": f"Domain not found: {domain}"}))
        return None

    return refuse


def _given_key() -> str | None:
    given = request.authorization
    if given is None or (given.type, given.username) != ("basic", "api"):
        return None
    return given.password
