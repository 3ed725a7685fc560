"""What Mailgun refuses to send, and in which words."""

import re
from collections.abc import Callable
from email.utils import getaddresses

from local.mailgun.mailbox import Fields

MAX_OPTION_BYTES = 16 * 1024

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+")


def refusal(fields: Fields) -> str | None:
    """The reason for a 400, `None` for a message that may be sent."""
    return next((reason for rule in _RULES if (reason := rule(fields))), None)


def is_test(fields: Fields) -> bool:
    """Whether the message is to be accepted but not delivered."""
    return any(value in ("yes", "true", "True") for value in _values(fields, "o:testmode"))


def _recipient(fields: Fields) -> str | None:
    # Recipients go first: the cheapest way to try a key is a message that has none.
    return _address(fields, "to")


def _sender(fields: Fields) -> str | None:
    return _address(fields, "from")


def _address(fields: Fields, name: str) -> str | None:
    values = _values(fields, name)
    if not values:
        return f"{name} parameter is missing"
    if all(_ADDRESS.fullmatch(address) for _, address in getaddresses(values)):
        return None
    return f"{name} parameter is not a valid address. please check documentation"


def _body(fields: Fields) -> str | None:
    html, template = _values(fields, "html"), _values(fields, "template")
    if html and template:
        return "Only one parameters 'html' or 'template' is allowed"
    if html or template or _values(fields, "text"):
        return None
    return "Need at least one of 'text' or 'html' parameters specified"


def _options(fields: Fields) -> str | None:
    options = [name + value for name, value in fields if name.startswith(("o:", "h:", "v:"))]
    if sum(len(option.encode()) for option in options) <= MAX_OPTION_BYTES:
        return None
    return "The 'o:', 'h:' and 'v:' parameters together are larger than 16 kB"


def _values(fields: Fields, name: str) -> list[str]:
    return [value for key, value in fields if key == name and value.strip()]


_RULES: tuple[Callable[[Fields], str | None], ...] = (_recipient, _sender, _body, _options)
