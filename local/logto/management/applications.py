"""/api/applications."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request

from local.logto.management.application_guards import CREATE, KINDS, LIST, PATCH
from local.logto.management.errors import RequestError, not_here
from local.logto.management.requests import body, paged, query
from local.logto.state import opaque
from local.logto.tenant import CONFIDENTIAL, Client, new_id

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

OF_PEOPLE = ("Traditional", "SPA", "Native")

Json = dict[str, Any]


def find(logto: "EmbeddedLogto", application_id: str) -> Client:
    """Return the application; raises `RequestError` (404) without one."""
    client = logto.clients.get(application_id)
    if client is None:
        raise RequestError("entity.not_exists_with_id", 404, name="applications", id=application_id)
    return client


class Applications:
    """List, one, new, changed, deleted."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask) -> None:
        """Serve below /api."""
        one = "/applications/<application_id>"
        app.add_url_rule("/applications", "applications", self.all, methods=["GET"])
        app.add_url_rule("/applications", "create_application", self.create, methods=["POST"])
        app.add_url_rule(one, "application", self.one, methods=["GET"])
        app.add_url_rule(one, "change_application", self.change, methods=["PATCH"])
        app.add_url_rule(one, "delete_application", self.delete, methods=["DELETE"])

    def all(self) -> Response:
        """Answer those that are asked for, the newest first."""
        asked = query(LIST)
        types, third_party = asked.get("types", KINDS), asked.get("isThirdParty")
        found = [
            client
            for client in reversed(list(self.logto.clients.values()))
            if client.type in types
            and third_party in {None, str(client.is_third_party).lower()}
            and _matches(client)
        ]
        newest_first = sorted(found, key=lambda client: -client.created_at)
        return paged([self.shown(client) for client in newest_first])

    def one(self, application_id: str) -> Response:
        """Answer one, with whether it opens this API."""
        client = find(self.logto, application_id)
        return jsonify(self.shown(client) | {"isAdmin": client.is_admin})

    def create(self) -> Response:
        """Make one, with a secret if its kind has secrets."""
        asked = body(CREATE)
        _refuse(asked["type"], asked.get("isThirdParty", False), asked)
        client = Client(
            id=new_id(),
            secret=opaque(32) if asked["type"] in CONFIDENTIAL else "",
            name=asked["name"],
            redirect_uris=(),
            type=asked["type"],
            is_third_party=asked.get("isThirdParty", False),
            created_at=int(self.logto.clock() * 1000),
        )
        self.logto.clients[client.id] = client = _changed(client, asked)
        return jsonify(self.shown(client))

    def change(self, application_id: str) -> Response:
        """Replace those of its columns that come, each as a whole."""
        asked = body(PATCH)
        with self.logto.state.lock:
            client = find(self.logto, application_id)
            _refuse_changes(client, asked)
            self.logto.clients[client.id] = client = _changed(client, asked)
        return jsonify(self.shown(client))

    def delete(self, application_id: str) -> Response:
        """Delete one."""
        find(self.logto, application_id)
        del self.logto.clients[application_id]
        return Response(status=204)

    def shown(self, client: Client) -> Json:
        """Return it as the API shows it, which has been without a secret since Logto 1.42."""
        return {
            "tenantId": self.logto.tenant_id,
            "id": client.id,
            "name": client.name,
            "description": client.description,
            "type": client.type,
            "oidcClientMetadata": _oidc_metadata(client),
            "customClientMetadata": client.custom_client_metadata,
            "protectedAppMetadata": None,
            "customData": client.custom_data,
            "isThirdParty": client.is_third_party,
            "appLevelAccessControlEnabled": False,
            "createdAt": client.created_at,
        }


def _oidc_metadata(client: Client) -> Json:
    optional = {
        "backchannelLogoutUri": client.backchannel_logout_uri,
        "backchannelLogoutSessionRequired": client.backchannel_logout_session_required,
        "logoUri": client.logo_uri,
    }
    return {
        "redirectUris": list(client.redirect_uris),
        "postLogoutRedirectUris": list(client.post_logout_redirect_uris),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _changed(client: Client, asked: Json) -> Client:
    names = {
        "name": "name",
        "description": "description",
        "customClientMetadata": "custom_client_metadata",
        "customData": "custom_data",
        "isAdmin": "is_admin",
        "createdAt": "created_at",
    }
    changes = {names[name]: value for name, value in asked.items() if name in names}
    if (metadata := asked.get("oidcClientMetadata")) is not None:
        changes |= {
            "redirect_uris": tuple(metadata["redirectUris"]),
            "post_logout_redirect_uris": tuple(metadata["postLogoutRedirectUris"]),
            "backchannel_logout_uri": metadata.get("backchannelLogoutUri"),
            "backchannel_logout_session_required": metadata.get("backchannelLogoutSessionRequired"),
            "logo_uri": metadata.get("logoUri"),
        }
    return replace(client, **changes)


def _refuse(kind: str, third_party: bool, asked: Json) -> None:
    custom = asked.get("customClientMetadata", {})
    if kind == "SAML":
        raise RequestError("application.saml.use_saml_app_api")
    if kind != "Native" and custom.get("isDeviceFlow"):
        raise RequestError("application.device_flow_native_only", 422)
    if kind == "Protected":
        if not asked.get("protectedAppMetadata"):
            raise RequestError("application.protected_app_metadata_is_required")
        raise RequestError("application.protected_app_not_configured", 501)
    if third_party and kind not in OF_PEOPLE:
        raise RequestError("application.invalid_third_party_application_type")
    _refuse_exchange(third_party, custom)


def _refuse_changes(client: Client, asked: Json) -> None:
    custom = asked.get("customClientMetadata")
    _refuse_exchange(client.is_third_party, custom or {})
    if asked.get("appLevelAccessControlEnabled"):
        raise not_here("access control of an application")
    before = bool(client.custom_client_metadata.get("isDeviceFlow"))
    if custom is not None and bool(custom.get("isDeviceFlow")) != before:
        raise RequestError("application.device_flow_not_changeable", 422)
    if asked.get("protectedAppMetadata"):
        raise RequestError("application.protected_application_only")


def _refuse_exchange(third_party: bool, custom: Json) -> None:
    if third_party and custom.get("allowTokenExchange"):
        raise RequestError("application.third_party_application_cannot_enable_token_exchange", 422)


def _matches(client: Client) -> bool:
    """Tell whether it is what is searched for: `%` stands for anything, and case does not matter."""
    texts = [client.id, client.name, client.description or ""]
    return all(any(_like(pattern)(text) for text in texts) for pattern in request.args.getlist("search"))


def _like(pattern: str) -> Callable[[str], bool]:
    wild = {"%": ".*", "_": "."}
    expression = "".join(wild.get(letter, re.escape(letter)) for letter in pattern)
    found = re.compile(expression, re.IGNORECASE | re.DOTALL)
    return lambda text: found.fullmatch(text) is not None
