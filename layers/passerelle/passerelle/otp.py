"""Deliver a one-time code: `POST /send-otp`, called by Logto's HTTP e-mail connector.

Whatever goes wrong, the body of the answer says only a neutral code: Logto shows it to the anonymous
browser of whoever is signing in. The cause is in the log, under the same correlation id.
"""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from passerelle import log
from passerelle.errors import BearerRefused, MailerUnavailable, MessageRefused, Misconfigured
from passerelle.kept import fetch_ahead
from passerelle.keys import random_value
from passerelle.messages import Delivery, MailgunConfig, Message, parse_message
from passerelle.services import Services

MAX_BODY_BYTES = 16 * 1024

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}", re.ASCII)
_LINE_BREAKS = re.compile(r"[\r\n\x00-\x1f\x7f\x85\u2028\u2029]+")


def demand_bearer(services: Services, authorization: str | None, now: float) -> None:
    """Refuse a caller without one of the connector's tokens; raises `BearerRefused`.

    Compared in constant time with each token. A wrong one may be newer than what we hold, so the secret is
    read again, at most once in 30 seconds.
    """
    fetch_ahead(now, services.secrets.mailgun)
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise BearerRefused(reason="no bearer token")
    connector = services.secrets.connector
    if not _is_one_of(token, connector.get(now)) and not _is_one_of(token, connector.again(now) or ()):
        raise BearerRefused(reason="not a token of the connector secret")


def deliver(services: Services, body: bytes, now: float) -> None:
    """Send the message that Logto asks for, once, through Mailgun.

    Raises `InvalidRequest` for a body that is not the connector's, `MessageRefused` when Mailgun will never
    take it, `MailerUnavailable` when it may later, `Misconfigured` when the operator has to act.
    """
    message = parse_message(body)
    config = services.secrets.mailgun.get(now)
    delivery_id = random_value()
    status, answer = _send(services, config, message, delivery_id)
    if status == 401 and (newer := services.secrets.mailgun.refused(config, now)):
        status, answer = _send(services, newer, message, delivery_id)
    _demand_acceptance(status, answer)
    log.info("message_accepted", type=message.type, delivery_id=delivery_id)


def form_fields(config: MailgunConfig, message: Message, delivery_id: str) -> dict[str, str]:
    """Build the form of Mailgun's message endpoint.

    Nothing that Mailgun keeps or copies into its events holds the code: variables travel as `t:variables`,
    which feed the template only, and `v:delivery-id` is opaque. Links and opens are not tracked.
    """
    delivery = config.delivery(message.type)
    payload = message.payload
    fields = {
        "from": config.sender,
        "to": message.to,
        "subject": render(delivery.subject, payload, _as_header) if delivery.subject else None,
        "h:Reply-To": delivery.reply_to,
        "o:tag": message.type,
        "o:tracking": "no",
        "o:tracking-clicks": "no",
        "o:tracking-opens": "no",
        "v:delivery-id": delivery_id,
        **_content(delivery, payload),
    }
    return {name: value for name, value in fields.items() if value is not None}


def render(template: str, payload: Mapping[str, Any], encode: Callable[[str], str]) -> str:
    """Fill in `{{ a.b }}` by Logto's rules: an unknown root stays as it is, a missing leaf is empty."""

    def replace(match: re.Match[str]) -> str:
        root, *rest = match[1].split(".")
        if root not in payload:
            return match[0]
        value = payload[root]
        for name in rest:
            value = value.get(name) if isinstance(value, dict) else None
        return encode(_as_text(value))

    return _PLACEHOLDER.sub(replace, template)


def _content(delivery: Delivery, payload: Mapping[str, Any]) -> dict[str, str | None]:
    if delivery.html is not None:
        text = None if delivery.text is None else render(delivery.text, payload, str)
        return {"html": render(delivery.html, payload, escape), "text": text}
    return {"template": delivery.template, "t:variables": json.dumps({**delivery.variables, **payload})}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def _as_header(value: str) -> str:
    return _LINE_BREAKS.sub(" ", value)


def _is_one_of(token: str, accepted: tuple[str, ...]) -> bool:
    # Every token is compared, so that the time taken does not tell which one was near.
    return sum(hmac.compare_digest(token.encode(), known.encode()) for known in accepted) > 0


def _send(services: Services, config: MailgunConfig, message: Message, delivery_id: str) -> tuple[int, str]:
    form = form_fields(config, message, delivery_id)
    return services.mailer.send(config.endpoint, config.domain, config.api_key, form)


def _demand_acceptance(status: int, answer: str) -> None:
    if status == 200 and _message_id(answer):
        return
    if status == 200:
        # A wrong path is answered 200 as well, by a text that greets.
        raise Misconfigured(
            "delivery_failed", reason="Mailgun answered 200 without a message id: check endpoint"
        )
    if status == 400 and "to parameter" in answer:
        raise MessageRefused(reason="Mailgun does not take the recipient")
    if status == 429 or status >= 500:
        raise MailerUnavailable(reason=f"Mailgun answered {status}")
    raise Misconfigured(
        "delivery_failed", reason=f"Mailgun answered {status}: {_CAUSES.get(status, 'unknown')}"
    )


_CAUSES = {
    400: "the domain, the sandbox's recipients, the account, or the template",
    401: "the API key is not accepted",
    402: "the account cannot send",
    403: "the account may not send this",
    404: "the domain is not known here: another account, or the other region",
}
"""Likely causes by status, for the log."""


def _message_id(answer: str) -> str:
    try:
        value = json.loads(answer)
    except ValueError:
        return ""
    return str(value.get("id") or "") if isinstance(value, dict) else ""
