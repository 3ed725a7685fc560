"""The mailbox: a page for people and the JSON it is made from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, request, send_from_directory

from local.foreign_pages import is_foreign, is_local
from local.mailgun.mailbox import Message

if TYPE_CHECKING:
    from local.mailgun import EmbeddedMailgun

_STATIC = Path(__file__).parent / "static"

# The frame that shows a message inherits this policy: mail brings its own styles and pictures, but
# never a script.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src * data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def reading(mailgun: EmbeddedMailgun) -> Blueprint:
    """The routes of the mailbox, open to whoever runs a browser on this machine or network."""
    box = Blueprint("reading", __name__)
    box.before_request(_refuse_foreign_host)
    box.after_request(_guard)

    @box.get("/")
    def page() -> Response:
        return _static("mailbox.html")

    @box.get("/<any('mailbox.js', 'mailbox.css'):name>")
    def part(name: str) -> Response:
        return _static(name)

    @box.get("/api/messages")
    def messages() -> Response:
        to, outcomes = request.args.get("to"), request.args.get("outcomes")
        found = [message for message in mailgun.accepted if not to or message.is_for(to)]
        response = jsonify([_with_outcomes(message) for message in found] if outcomes else _inbox(found, to))
        response.add_etag()
        response.make_conditional(request)
        return response

    @box.delete("/api/messages")
    def delete() -> tuple[str, int]:
        _refuse_foreign_origin()
        mailgun.empty()
        return "", 204

    return box


def _inbox(messages: list[Message], to: str | None) -> list[dict[str, Any]]:
    return [message.as_json() for message in messages if (message.reached(to) if to else message.delivered)]


def _with_outcomes(message: Message) -> dict[str, Any]:
    return message.as_json() | {"outcomes": message.outcomes_as_json()}


def _refuse_foreign_host() -> None:
    if not is_local(request.host):
        abort(403)


def _refuse_foreign_origin() -> None:
    # Browsers send it with every DELETE, other programs do not.
    if is_foreign(request.headers.get("Origin"), request.host):
        abort(403)


def _static(name: str) -> Response:
    return send_from_directory(_STATIC, name)


def _guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-cache"
    return response
