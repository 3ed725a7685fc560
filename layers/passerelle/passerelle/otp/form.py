"""The form of Mailgun's message endpoint: the safe one, and the one that Logto's own connector sends."""

import json
import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, NamedTuple

from passerelle.otp.config import Delivery, MailgunConfig
from passerelle.otp.fields import MAX_LINE
from passerelle.otp.language import wanted_languages
from passerelle.otp.message import Message

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}", re.ASCII)
_LINE_BREAKS = re.compile(r"[\r\n\x00-\x1f\x7f\x85\u2028\u2029]+")


class Style(NamedTuple):
    """How the form is made."""

    like_logto: bool = False
    """Field by field what Logto's own connector sends, instead of the safe request."""
    require_tls: bool = True
    """Whether Mailgun may hand the message over encrypted only."""


def form_fields(config: MailgunConfig, message: Message, delivery_id: str, style: Style) -> dict[str, str]:
    """Build the form; raises `Misconfigured` when no delivery fits the message."""
    delivery = config.delivery(message.type)
    if style.like_logto:
        fields = _logto_fields(delivery, message.payload)
    else:
        translated = delivery.in_language(wanted_languages(message.payload))
        fields = _safe_fields(translated, message, delivery_id, style)
    given = {name: value for name, value in fields.items() if value is not None}
    return {"from": config.sender, "to": message.to, **given}


def render(template: str, payload: Mapping[str, Any], encode: Callable[[object], str]) -> str:
    """Fill in `{{ a.b }}` by Logto's rules: an unknown root stays as it is, a missing leaf is empty."""

    def replace(match: re.Match[str]) -> str:
        root, *rest = match[1].split(".")
        if root not in payload:
            return match[0]
        value = payload[root]
        for name in rest:
            value = value.get(name) if isinstance(value, dict) else None
        return encode(value)

    return _PLACEHOLDER.sub(replace, template)


def placeholders(template: str | None) -> list[str]:
    """Return what a text asks for: `code`, `user.name`."""
    return _PLACEHOLDER.findall(template or "")


def holds_code(subject: str | None) -> bool:
    """Whether a subject would carry the code, which mail servers log and telephones show when locked."""
    return any(name.split(".")[0] in ("code", "link") for name in placeholders(subject))


def _safe_fields(
    delivery: Delivery, message: Message, delivery_id: str, style: Style
) -> dict[str, str | None]:
    """Build a request of which Mailgun keeps nothing that opens an account.

    Variables travel as `t:variables`, which feed the template only, and `v:delivery-id` is opaque: both `v:`
    and the header of variables are copied into Mailgun's events. Links and opens are not tracked.
    """
    payload = message.payload
    subject = _rendered(delivery.subject, payload, _in_header)
    fields = {
        "subject": subject and subject[:MAX_LINE],
        "h:Reply-To": delivery.reply_to,
        "o:tag": message.type,
        "o:tracking": "no",
        "o:tracking-clicks": "no",
        "o:tracking-opens": "no",
        "o:require-tls": "yes" if style.require_tls else None,
        "v:delivery-id": delivery_id,
    }
    if delivery.html is not None:
        html = render(delivery.html, payload, _in_html)
        return fields | {"html": html, "text": _rendered(delivery.text, payload, _as_text)}
    variables = json.dumps({**delivery.variables, **payload})
    return fields | {"template": delivery.template, "t:variables": variables}


def _logto_fields(delivery: Delivery, payload: Mapping[str, Any]) -> dict[str, str | None]:
    """Build what `@logto/connector-mailgun` 1.5 sends: values unescaped, and variables in a header.

    Of a delivery that has both, it sends the template (tried with 1.5.6).
    """
    fields = {
        "subject": _rendered(delivery.subject, payload, _as_javascript),
        "h:Reply-To": delivery.reply_to,
    }
    if delivery.template is None:
        html = _rendered(delivery.html, payload, _as_javascript)
        return fields | {"html": html, "text": _rendered(delivery.text, payload, _as_javascript)}
    variables = {**delivery.variables, **payload}
    written = json.dumps(variables, ensure_ascii=False, separators=(",", ":"))
    return fields | {"template": delivery.template, "h:X-Mailgun-Variables": written}


def _rendered(
    template: str | None, payload: Mapping[str, Any], encode: Callable[[object], str]
) -> str | None:
    return None if template is None else render(template, payload, encode)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def _in_html(value: object) -> str:
    return escape(_as_text(value))


def _in_header(value: object) -> str:
    return _LINE_BREAKS.sub(" ", _as_text(value))


def _as_javascript(value: object) -> str:
    """Write a value as JavaScript's `String(value ?? '')` does."""
    if isinstance(value, list):
        return ",".join(map(_as_javascript, value))
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return _as_text(value)
