"""What an administrator sets up in a tenant, and the connector and the webhook that it begins with."""

from typing import Any

from local.logto.connector import HTTP_EMAIL
from local.logto.management.experience_default import sign_in_experience
from local.logto.tenant import Client, Connector, Hook

CONNECTOR_ID = "embeddedmail"
HOOK_ID = "662jembeddedlogtohook"
TOLD = ("PostResetPassword", "User.Deleted", "User.SuspensionStatus.Updated")
"""The events that the hook is told of which it begins with."""


class Settings:
    """The tables that the Management API shows and changes; the other attributes are views of them."""

    def __init__(self, tenant_id: str, is_cloud: bool) -> None:
        self.tenant_id = tenant_id
        self.clients: dict[str, Client] = {}
        self.connectors: dict[str, Connector] = {}
        self.hooks: dict[str, Hook] = {}
        self.own_hook = Hook(HOOK_ID, "Passerelle", list(TOLD), {"url": ""}, "")
        self.sign_in_experience = sign_in_experience(tenant_id, is_cloud)

    @property
    def management_resource(self) -> str:
        """What the Management API is called, in the `resource` of a token request (RFC 8707)."""
        return f"https://{self.tenant_id}.logto.app/api"

    @property
    def connector_endpoint(self) -> str:
        """Where the HTTP e-mail connector posts; empty without one. Setting it makes one."""
        return str(self._http_config().get("endpoint", ""))

    @connector_endpoint.setter
    def connector_endpoint(self, endpoint: str) -> None:
        if not self._http_config():
            self.connectors.clear()
            self.connectors[CONNECTOR_ID] = Connector(CONNECTOR_ID, HTTP_EMAIL, {"endpoint": endpoint})
        self._http_config()["endpoint"] = endpoint

    @property
    def connector_authorization(self) -> str | None:
        """The `Authorization` that the HTTP e-mail connector sends; None for none."""
        return self._http_config().get("authorization")

    @connector_authorization.setter
    def connector_authorization(self, authorization: str | None) -> None:
        config = self._http_config()
        config.pop("authorization", None)
        if authorization is not None:
            config["authorization"] = authorization

    def _http_config(self) -> dict[str, Any]:
        found = [each for each in self.connectors.values() if each.connector_id == HTTP_EMAIL]
        return found[0].config if found else {}

    @property
    def webhook_url(self) -> str | None:
        """Where the hook posts that this Logto begins with; None without it, until it is set."""
        return str(self.own_hook.config["url"]) if self.own_hook.id in self.hooks else None

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.hooks.pop(self.own_hook.id, None)
        if url is not None:
            self.own_hook.config = {"url": url}
            self.hooks[self.own_hook.id] = self.own_hook

    @property
    def webhook_signing_key(self) -> str:
        """What the hook signs with that this Logto begins with."""
        return self.own_hook.signing_key

    @webhook_signing_key.setter
    def webhook_signing_key(self, key: str) -> None:
        self.own_hook.signing_key = key
