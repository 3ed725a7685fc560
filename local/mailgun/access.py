"""What a request's key allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from local.mailgun import EmbeddedMailgun


def may_send(mailgun: EmbeddedMailgun) -> bool:
    """Whether the key is the account's, or the domain's own for sending."""
    return may_manage(mailgun) or (mailgun.sending_key != "" and _given_key() == mailgun.sending_key)


def may_manage(mailgun: EmbeddedMailgun) -> bool:
    """Whether the key is the account's, which opens everything."""
    return _given_key() == mailgun.api_key


def _given_key() -> str | None:
    given = request.authorization
    if given is None or (given.type, given.username) != ("basic", "api"):
        return None
    return given.password
