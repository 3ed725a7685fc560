"""A connector in words, for people who decide about it; never with a secret."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from cli.provision.logto import Json
from cli.terminal import in_one_line

_SHOWN = {
    "domain",
    "from",
    "fromEmail",
    "fromName",
    "senderName",
    "emailAddress",
    "accountName",
    "host",
    "port",
    "region",
}
"""Members of Logto's e-mail connectors that are no secrets; what is unknown may be one."""


def described(connector: Json) -> str:
    """Describe a connector by what is known to be no secret."""
    config = connector.get("config") or {}
    return in_one_line(f"{connector['connectorId']} ({'; '.join(_words(config)) or 'not configured'})")


def _words(config: Json) -> Iterator[str]:
    hidden = []
    for name, value in config.items():
        if name in _SHOWN and isinstance(value, str | int):
            yield f"{name} {value}"
        elif name == "endpoint" and isinstance(value, str):
            yield f"endpoint {_host(value)}"
        elif name == "deliveries" and isinstance(value, dict):
            yield f"deliveries for {', '.join(value)}"
        else:
            hidden.append(name)
    if hidden:
        yield f"{', '.join(hidden)} not shown"


def _host(url: str) -> str:
    """Name the host alone: user, path and query of a function's address may be secrets."""
    try:
        return urlsplit(url).hostname or "unknown"
    except ValueError:
        return "unknown"
