"""The kinds of e-mail connectors that there are here, and what config each takes."""

from dataclasses import dataclass
from typing import Any

from local.logto.connector import HTTP_EMAIL
from local.logto.management.guard import (
    JSON_OBJECT,
    URL,
    Guard,
    Invalid,
    Path,
    array,
    boolean,
    choice,
    either,
    members,
    number,
    optional,
    partial,
    record,
    string,
)

MAILGUN, SMTP = "mailgun-email", "simple-mail-transfer-protocol"
_USUAL_TYPES = ("Register", "SignIn", "ForgotPassword", "Generic")

Json = dict[str, Any]


@dataclass(frozen=True)
class Factory:
    """A kind of connector: its name for people, whom it sends by, and the guard of its config."""

    id: str
    name: str
    target: str
    config: Guard

    def metadata(self) -> Json:
        """Return what is the same for all connectors of this kind."""
        return {
            "target": self.target,
            "name": {"en": self.name},
            "description": {"en": f"Sends e-mail by {self.name}."},
            "logo": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=",
            "logoDark": None,
            "readme": "",
            "platform": None,
        }


def _endpoint_of_mailgun(value: Any, path: Path) -> Any:
    url = URL(value, path)
    if not url.endswith(".mailgun.net"):
        message = 'Invalid input: must end with ".mailgun.net"'
        raise Invalid([{"code": "invalid_string", "path": list(path), "message": message}])
    return url


def _templates_of_smtp(value: Any, path: Path) -> Any:
    kinds = choice(["text/plain", "text/html"])
    template = {"usageType": string(), "contentType": kinds, "subject": string(), "content": string()}
    templates = array(members(template))(value, path)
    missing = set(_USUAL_TYPES) - {each["usageType"] for each in templates}
    if missing:
        message = f"Template with UsageType ({', '.join(sorted(missing))}) should be provided!"
        raise Invalid([{"code": "custom", "path": list(path), "message": message}])
    return templates


_WORDS = {"subject": optional(string()), "replyTo": optional(string())}
_DELIVERY = either(
    members({"html": string(), "text": optional(string()), **_WORDS}),
    members({"template": string(), "variables": optional(JSON_OBJECT), **_WORDS}),
)
_LOGIN = members(
    partial({"user": string(), "pass": string(), "type": choice(["login", "Login", "LOGIN"])}), strict=True
)
_OAUTH = members({"user": string(), "type": optional(choice(["oauth2", "OAuth2", "OAUTH2"]))})
_SMTP = {
    "host": string(),
    "port": number(),
    "auth": either(_LOGIN, _OAUTH),
    "fromEmail": string(),
    "replyTo": optional(string()),
    "templates": _templates_of_smtp,
    "secure": optional(boolean),
    "customHeaders": optional(record(either(string(), array(string())))),
}

FACTORIES = {
    factory.id: factory
    for factory in (
        Factory(
            HTTP_EMAIL,
            "HTTP Email",
            HTTP_EMAIL,
            members({"endpoint": string(), "authorization": optional(string())}),
        ),
        Factory(
            MAILGUN,
            "Mailgun",
            MAILGUN,
            members(
                {
                    "endpoint": optional(_endpoint_of_mailgun),
                    "domain": string(),
                    "apiKey": string(),
                    "from": string(),
                    "deliveries": record(_DELIVERY),
                }
            ),
        ),
        Factory(SMTP, "SMTP", "smtp", members(_SMTP)),
    )
}
