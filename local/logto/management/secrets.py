"""/api/applications/:id/secrets."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify

from local.logto.management.application_guards import NEW_NAME, SECRET
from local.logto.management.applications import find
from local.logto.management.errors import RequestError
from local.logto.management.requests import body
from local.logto.state import opaque
from local.logto.tenant import CONFIDENTIAL, DEFAULT_SECRET, Client, Secret

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto


class Secrets:
    """An application's secrets; any that has not ended will do."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask) -> None:
        """Serve below /api."""
        all_of_it, one = (
            "/applications/<application_id>/secrets",
            "/applications/<application_id>/secrets/<name>",
        )
        app.add_url_rule(all_of_it, "secrets", self.all, methods=["GET"])
        app.add_url_rule(all_of_it, "create_secret", self.create, methods=["POST"])
        app.add_url_rule(one, "rename_secret", self.rename, methods=["PATCH"])
        app.add_url_rule(one, "delete_secret", self.delete, methods=["DELETE"])

    def all(self, application_id: str) -> Response:
        """Answer all of them, values too."""
        client = find(self.logto, application_id)
        return jsonify([self._shown(client, secret) for secret in client.secrets])

    def create(self, application_id: str) -> Response:
        """Make one more."""
        asked = body(SECRET)
        now = int(self.logto.clock() * 1000)
        if asked.get("expiresAt") and asked["expiresAt"] <= now:
            reason = "The value of `expiresAt` must be in the future."
            raise RequestError("request.invalid_input", reason=reason)
        with self.logto.state.lock:
            client = find(self.logto, application_id)
            if client.type not in CONFIDENTIAL:
                raise RequestError("entity.db_constraint_violated", 422)
            _refuse_taken(client, asked["name"])
            secret = Secret(opaque(32), asked["name"], now, asked.get("expiresAt"))
            self._keep(client, [*client.secrets, secret])
        response = jsonify(self._shown(client, secret))
        response.status_code = 201
        return response

    def rename(self, application_id: str, name: str) -> Response:
        """Call one otherwise."""
        new_name = body(NEW_NAME)["name"]
        with self.logto.state.lock:
            client = find(self.logto, application_id)
            if name not in {secret.name for secret in client.secrets}:
                raise RequestError("entity.not_exists", 404, name="application_secret")
            if new_name != name:
                _refuse_taken(client, new_name)
            renamed = {secret.name: secret for secret in client.secrets}
            renamed[name] = replace(renamed[name], name=new_name)
            self._keep(client, renamed.values())
        return jsonify(self._shown(client, renamed[name]))

    def delete(self, application_id: str, name: str) -> Response:
        """End one."""
        with self.logto.state.lock:
            client = find(self.logto, application_id)
            others = [secret for secret in client.secrets if secret.name != name]
            if len(others) == len(client.secrets):
                raise RequestError("entity.not_found", 404)
            self._keep(client, others)
        return Response(status=204)

    def _keep(self, client: Client, secrets: Iterable[Secret]) -> None:
        own = [secret for secret in secrets if secret.name == DEFAULT_SECRET and secret.expires_at is None]
        others = tuple(secret for secret in secrets if secret not in own)
        kept = replace(client, secret=own[0].value if own else "", other_secrets=others)
        self.logto.clients[client.id] = kept

    def _shown(self, client: Client, secret: Secret) -> dict[str, Any]:
        return {
            "tenantId": self.logto.tenant_id,
            "applicationId": client.id,
            "name": secret.name,
            "value": secret.value,
            "createdAt": secret.created_at,
            "expiresAt": secret.expires_at,
        }


def _refuse_taken(client: Client, name: str) -> None:
    if name in {secret.name for secret in client.secrets}:
        raise RequestError("application.secret_name_exists", 422)
