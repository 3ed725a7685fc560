"""The request that Logto's HTTP e-mail connector makes."""

from typing import TYPE_CHECKING, Any

import httpx

from local.logto.models import Interaction, Verification
from local.trust import authorities

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

# A real Logto waits for ever; here a test that hangs had better fail.
TIMEOUT = 30
HTTP_EMAIL = "http-email"
LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "ko", "pl-PL", "pt-BR", "pt-PT", "ru", "tr-TR", "zh-CN")


class ConnectorError(Exception):
    """The endpoint did not take the code; the message is for the person at the browser."""


class UnreachableError(ConnectorError):
    """There was nobody to take the code; the `request` is what Logto tells of it to whoever tried."""

    def __init__(self, request: httpx.Request) -> None:
        super().__init__(f"The e-mail endpoint {request.url} could not be reached.")
        self.request = request


def send_code(
    logto: "EmbeddedLogto", interaction: Interaction, verification: Verification, peer: str
) -> None:
    """Deliver the code by the connector, once: Logto never repeats the request.

    Raises `ConnectorError` if there is none, or its endpoint cannot be reached or does not answer 2xx.
    """
    connector = next(iter(logto.connectors.values()), None)
    if connector is None:
        raise ConnectorError("Cannot find any available connector for type: Email.")
    if connector.connector_id != HTTP_EMAIL:
        raise ConnectorError(f"This stand-in does not send by {connector.connector_id}.")
    payload = _payload(logto, interaction, verification.code)
    message = {"to": verification.email, "type": verification.kind, "payload": payload}
    post_message(connector.config, message, peer)


def post_message(config: dict[str, Any], message: dict[str, Any], peer: str | None) -> None:
    """Post a message to the endpoint of the config, with its authorization if it has one.

    Raises `ConnectorError` if the endpoint cannot be reached or does not answer 2xx.
    """
    headers = {"user-agent": "got (https://github.com/sindresorhus/got)"}
    if config.get("authorization") is not None:
        headers["authorization"] = config["authorization"]
    headers |= {"accept-encoding": "gzip, deflate, br", "connection": "keep-alive"}
    address = peer or "127.0.0.1"
    message = message | {"ip": address if ":" in address else f"::ffff:{address}"}
    # Built by itself, the request has none of the headers that a client adds and `got` does not.
    try:
        request = httpx.Request("POST", config["endpoint"], headers=headers, json=message)
    except httpx.InvalidURL as error:
        # Logto keeps whatever text it is given as an endpoint.
        raise ConnectorError("Invalid URL") from error
    try:
        with httpx.Client(timeout=TIMEOUT, trust_env=False, verify=authorities()) as client:
            response = client.send(request)
    except httpx.TransportError as error:
        # A real Logto shows the whole request here, bearer and code included. No page of this one does.
        raise UnreachableError(request) from error
    if not response.is_success:
        raise ConnectorError(response.text)


def _payload(logto: "EmbeddedLogto", interaction: Interaction, code: str) -> dict[str, Any]:
    ui_locales = interaction.extra.get("ui_locales")
    payload: dict[str, Any] = {"code": code, "locale": _locale(ui_locales)}
    if ui_locales:
        payload["uiLocales"] = ui_locales
    payload["application"] = {"id": interaction.client.id, "name": interaction.client.name}
    organization = interaction.extra.get("organization_id", "")
    if name := logto.organizations.get(organization):
        payload["organization"] = {"id": organization, "name": name, "branding": {}}
    return payload


def _locale(ui_locales: str | None) -> str:
    """Return the first language wished for that Logto speaks."""
    for wish in (ui_locales or "").split():
        for candidate in (wish, wish.partition("-")[0]):
            if candidate in LANGUAGES:
                return candidate
    return "en"
