"""The API a program sends mail through."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from local.mailgun.access import may_send
from local.mailgun.judge import is_test, refusal
from local.mailgun.mailbox import Fields, Message, Received
from local.mailgun.misbehaviour import response_for

if TYPE_CHECKING:
    from local.mailgun import EmbeddedMailgun

MAX_REQUEST_BYTES = int(52.4 * 1024 * 1024)


def sending(mailgun: EmbeddedMailgun) -> Blueprint:
    """The routes of Mailgun's API, and its answers to requests that meet none."""
    api = Blueprint("sending", __name__)

    @api.post("/v3/<domain>/messages")
    def send(domain: str) -> Response:
        fields = _fields()
        mailgun.receive(Received(request.path, fields))
        fault = mailgun.misbehave.next()
        response = response_for(fault) if fault else _answer(mailgun, domain, fields)
        time.sleep(mailgun.misbehave.delay)
        return response

    @api.app_errorhandler(404)
    @api.app_errorhandler(405)
    def elsewhere(_: Exception) -> Response:
        return response_for((200, "Mailgun Magnificent API"))

    @api.app_errorhandler(413)
    def too_large(_: Exception) -> Response:
        return response_for((413, {"message": "Request Entity Too Large"}))

    return api


def _answer(mailgun: EmbeddedMailgun, domain: str, fields: Fields) -> Response:
    if not may_send(mailgun):
        return response_for((401, "Forbidden"))
    if not mailgun.has(domain):
        return response_for((404, {"message": f"Domain not found: {domain}"}))
    if mailgun.domain_state == "unverified":
        unverified = "The domain is unverified and requires DNS configuration"
        return response_for((400, {"message": f"Domain {domain} is not allowed to send: {unverified}"}))
    if reason := refusal(fields):
        return response_for((400, {"message": reason}))
    message = Message(f"<{uuid.uuid4().hex}@{domain}>", mailgun.clock(), fields)
    response = response_for((200, {"id": message.id, "message": "Queued. Thank you."}))
    if not is_test(fields):
        # A server closes the response when all of it is sent: no webhook overtakes the answer.
        response.call_on_close(mailgun.accept(message))
    return response


def _fields() -> Fields:
    files = [(name, file.filename or "") for name, file in request.files.items(multi=True)]
    return [*request.form.items(multi=True), *files]
