"""The variables that are known here, and what is wrong with a value before anything is started with it."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

LOGTO_VARIABLES = ("AUTH_LOGTO_ISSUER", "AUTH_LOGTO_ID", "AUTH_LOGTO_SECRET")
MAILGUN_VARIABLES = ("MAILGUN_API_KEY", "MAILGUN_DOMAIN", "MAILGUN_FROM")
PORT_VARIABLES = ("PORT", "LOGTO_PORT", "MAILGUN_PORT")
MAILGUN_OPTIONS = ("MAILGUN_ENDPOINT", "MAILGUN_WEBHOOK_SIGNING_KEY")
PROVISION_VARIABLES = (
    "LOGTO_M2M_ID",
    "LOGTO_M2M_SECRET",
    "LOGTO_MANAGEMENT_RESOURCE",
    "LOGTO_ADMIN_ENDPOINT",
)
"""For the command `./passerelle provision` alone."""
SETTINGS = {
    "ID_TOKEN_ALGORITHMS": "IdTokenAlgorithms",
    "LOGOUT_ID_TOKEN_HINT": "LogoutIdTokenHint",
    "LOGOUT_TOKEN_TYP_REQUIRED": "LogoutTokenTypRequired",
    "USERINFO": "Userinfo",
}
"""What the functions need for another provider than Logto, and the template's parameters for it."""
KNOWN = (
    *PORT_VARIABLES,
    *LOGTO_VARIABLES,
    *MAILGUN_VARIABLES,
    *MAILGUN_OPTIONS,
    "MAILGUN_CONFIG",
    "MAILGUN_COMPAT",
    "MAILGUN_READ_API_KEY",
    "SEND_OTP_TOKEN",
    *PROVISION_VARIABLES,
    "SAM_LOCAL_OPTIONS",
    *SETTINGS,
)
"""All names that are read: another one with a prefix of those below is a slip of the pen."""

PREFIXES = ("AUTH_LOGTO_", "LOGTO_", "MAILGUN_", "SEND_OTP_")
SHORTEST_TOKEN = 16

_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_ADDRESS = r"[^\s@<>]+@[^\s@<>]+"
_MAILBOX = re.compile(rf"{_ADDRESS}|.*<{_ADDRESS}>")


class ConfigError(Exception):
    """A variable is wrong or missing, or contradicts another; the message says which, never its value."""


class _Rule(NamedTuple):
    objection: Callable[[str], str | None]
    example: str


def check_values(given: Mapping[str, str]) -> None:
    """Raise `ConfigError` for the first value that cannot work."""
    for name, rule in _RULES.items():
        if name in given and (objection := rule.objection(given[name])):
            raise ConfigError(f"{name} {objection}, for example {rule.example}")


def _issuer(value: str) -> str | None:
    if objection := _endpoint(value):
        return objection
    if not urlsplit(value).path.strip("/"):
        return "has no path, but Logto's issuer ends in /oidc"
    # Other providers may have one there: the OpenID Foundation's conformance suite does.
    if value.endswith("/oidc/"):
        return "must be as Logto writes it, without the slash at its end"
    return None


def _endpoint(value: str) -> str | None:
    parts = _url(value)
    if parts is None or not (parts.scheme == "https" or (parts.scheme == "http" and _is_near(parts))):
        return "must be an https URL; http is for localhost and private IP addresses"
    if "?" in value or "#" in value:
        return "must be a URL without query and fragment"
    return None


def _domain(value: str) -> str | None:
    return None if _HOST_NAME.fullmatch(value) else "must be a host name alone, without https:// and path"


def _token(value: str) -> str | None:
    if not re.fullmatch("[!-~]*", value):
        return "must consist of printable ASCII characters without spaces"
    if len(value) < SHORTEST_TOKEN:
        return f"must have {SHORTEST_TOKEN} characters or more"
    return None


def _sender(value: str) -> str | None:
    if re.search("[\r\n]", value):
        return "must be one line, without line breaks"
    if not _MAILBOX.fullmatch(value):
        return "must be an e-mail address, with or without a name before it"
    return None


def _compat(value: str) -> str | None:
    return None if value == "logto" else "knows one value"


def _url(value: str) -> SplitResult | None:
    # urlsplit drops line breaks and tabs silently.
    if not re.fullmatch("[!-~]+", value):
        return None
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises when it is not a number
    except ValueError:
        return None
    return parts if parts.hostname and "@" not in parts.netloc else None


def _is_near(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_private
    except ValueError:
        return False


def _resource(value: str) -> str | None:
    # It names the API and nothing else: Logto compares it character by character.
    return None if re.fullmatch(r"https://[!-~]+/api", value) else "must begin with https:// and end in /api"


_RULES = {
    "AUTH_LOGTO_ISSUER": _Rule(_issuer, '"https://my-tenant.logto.app/oidc"'),
    "LOGTO_MANAGEMENT_RESOURCE": _Rule(_resource, '"https://my-tenant.logto.app/api"'),
    "LOGTO_ADMIN_ENDPOINT": _Rule(_endpoint, '"https://logto-admin.example.com"'),
    "MAILGUN_ENDPOINT": _Rule(_endpoint, '"https://api.eu.mailgun.net"'),
    "MAILGUN_DOMAIN": _Rule(_domain, '"mg.example.com"'),
    "MAILGUN_FROM": _Rule(_sender, '"Example <sign-in@mg.example.com>"'),
    "MAILGUN_COMPAT": _Rule(_compat, '"logto"'),
    "SEND_OTP_TOKEN": _Rule(_token, "what `openssl rand -hex 24` prints"),
}
