"""/api/connectors, for e-mail."""

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request

from local.logto.connector import HTTP_EMAIL, ConnectorError, UnreachableError, post_message
from local.logto.management.errors import RequestError, not_here, refused
from local.logto.management.factories import FACTORIES, Factory
from local.logto.management.guard import (
    JSON_OBJECT,
    Invalid,
    boolean,
    members,
    nullable,
    optional,
    partial,
    record,
    string,
)
from local.logto.management.requests import body, query
from local.logto.tenant import Connector, new_id

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

Json = dict[str, Any]

_METADATA = members(
    partial(
        {
            "target": string(),
            "name": record(string()),
            "logo": string(),
            "logoDark": nullable(string()),
        }
    )
)
_CHANGEABLE = {
    "config": optional(JSON_OBJECT),
    "metadata": optional(_METADATA),
    "syncProfile": optional(boolean),
    "enableTokenStorage": optional(boolean),
}
CREATE = members(_CHANGEABLE | {"connectorId": string(1, 128), "id": optional(string(1, 128))})
PATCH = members(_CHANGEABLE)
TEST = members(
    {
        "phone": optional(string(test=lambda text: re.fullmatch(r"\d+", text) is not None)),
        "email": optional(string(test=lambda text: re.fullmatch(r"\S+@\S+\.\S+", text) is not None)),
        "config": JSON_OBJECT,
        "locale": optional(string()),
    }
)


class Connectors:
    """There is one for e-mail at most: a new one takes the place of the old."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask) -> None:
        """Serve below /api."""
        one = "/connectors/<connector_id>"
        app.add_url_rule("/connectors", "connectors", self.all, methods=["GET"])
        app.add_url_rule("/connectors", "create_connector", self.create, methods=["POST"])
        app.add_url_rule(one, "connector", self.one, methods=["GET"])
        app.add_url_rule(one, "change_connector", self.change, methods=["PATCH"])
        app.add_url_rule(one, "delete_connector", self.delete, methods=["DELETE"])
        app.add_url_rule("/connectors/<factory_id>/test", "test_connector", self.test, methods=["POST"])

    def all(self) -> Response:
        """Answer all, in the order of their ids."""
        target = query(members({"target": optional(string())})).get("target")
        found = [_shown(connector) for _, connector in sorted(self.logto.connectors.items())]
        if len(found) > 1:
            raise RequestError("connector.more_than_one_email")
        return jsonify([each for each in found if not target or each["target"] == target])

    def one(self, connector_id: str) -> Response:
        """Answer one, with its config in clear, as Logto does."""
        return jsonify(_shown(self._find(connector_id)))

    def create(self) -> Response:
        """Make one, and delete the other one for e-mail."""
        asked = body(CREATE)
        factory = FACTORIES.get(asked["connectorId"])
        if factory is None:
            raise RequestError("connector.not_found_with_connector_id", 422)
        _judge(factory, asked)
        with self.logto.state.lock:
            made = Connector(
                id=asked.get("id") or new_id(12),
                connector_id=factory.id,
                config=_cleaned(asked.get("config", {})),
                metadata=_cleaned(asked.get("metadata", {})),
                sync_profile=asked.get("syncProfile", False),
                created_at=int(self.logto.clock() * 1000),
            )
            if made.id in self.logto.connectors:
                # The database refuses a second one of this id before the first is deleted.
                raise RuntimeError("duplicate key")
            self.logto.connectors.clear()
            self.logto.connectors[made.id] = made
        return jsonify(_shown(made))

    def change(self, connector_id: str) -> Response:
        """Replace its config as a whole."""
        asked = body(PATCH)
        with self.logto.state.lock:
            connector = self._find(connector_id)
            if asked.get("metadata") is not None:
                raise RequestError("connector.cannot_overwrite_metadata_for_non_standard_connector")
            if asked.get("syncProfile"):
                raise RequestError("connector.invalid_type_for_syncing_profile", 422)
            _judge(FACTORIES[connector.connector_id], asked)
            if not asked:
                raise RequestError("entity.invalid_input", 422)
            if "config" in asked:
                connector = replace(connector, config=_cleaned(asked["config"]))
            self.logto.connectors[connector_id] = connector
        return jsonify(_shown(connector))

    def delete(self, connector_id: str) -> Response:
        """Delete one."""
        self._find(connector_id)
        del self.logto.connectors[connector_id]
        return Response(status=204)

    def test(self, factory_id: str) -> Response:
        """Send the code 000000 by a config that need not be anybody's yet."""
        asked = body(TEST)
        if not asked.get("phone") and not asked.get("email"):
            raise RequestError("guard.invalid_input", type="body")
        kind, factory = "Sms" if asked.get("phone") else "Email", FACTORIES.get(factory_id)
        if factory is None:
            raise RequestError("connector.not_found", type=kind)
        if kind == "Sms":
            raise RequestError("connector.unexpected_type")
        _judge(factory, asked)
        if factory.id != HTTP_EMAIL:
            raise not_here(f"sending by {factory.id}")
        payload = {"code": "000000"} | ({"locale": asked["locale"]} if asked.get("locale") else {})
        message = {"to": asked["email"], "type": "Generic", "payload": payload}
        try:
            post_message(asked["config"], message, request.remote_addr)
        except ConnectorError as error:
            data = _told(error)
            raise RequestError("connector.general", data=data, description=json.dumps(data)) from error
        return Response(status=204)

    def _find(self, connector_id: str) -> Connector:
        connector = self.logto.connectors.get(connector_id)
        if connector is None:
            raise RequestError("entity.not_found", 404)
        return connector


def _told(error: ConnectorError) -> Json:
    """Return what Logto tells of the failure: the answer, or without one the request, secrets and all."""
    if not isinstance(error, UnreachableError):
        return {"message": str(error)}
    options = {"headers": dict(error.request.headers), "json": json.loads(error.request.content)}
    return {"name": "RequestError", "code": "ECONNREFUSED", "options": options | {"method": "POST"}}


def _judge(factory: Factory, asked: Json) -> None:
    if (config := asked.get("config")) is not None:
        try:
            factory.config(config, ())
        except Invalid as invalid:
            raise refused("connector.invalid_config", invalid) from invalid
    if asked.get("enableTokenStorage"):
        raise RequestError("request.feature_not_supported", 422)


def _cleaned(value: Any) -> Any:
    """Return it without what says nothing: Logto keeps no empty string, list or object, and no null."""
    if isinstance(value, dict):
        kept = {name: _cleaned(each) for name, each in value.items()}
        return {name: each for name, each in kept.items() if not _says_nothing(each)}
    if isinstance(value, list):
        return [each for each in map(_cleaned, value) if not _says_nothing(each)]
    return value


def _says_nothing(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _shown(connector: Connector) -> Json:
    return {
        "type": "Email",
        **FACTORIES[connector.connector_id].metadata(),
        "id": connector.id,
        "connectorId": connector.connector_id,
        "syncProfile": connector.sync_profile,
        "metadata": connector.metadata,
        "enableTokenStorage": connector.enable_token_storage,
        "isDemo": False,
        "extraInfo": {},
        "config": connector.config,
    }
