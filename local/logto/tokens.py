"""The endpoints that applications call: token, revocation, userinfo."""

import json
from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify, request

from local.logto.errors import error_body
from local.logto.models import AccessToken
from local.logto.oauth import Parameters

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto


def body_parameters() -> Parameters:
    """Return the request's parameters: Logto takes them as a form and as JSON."""
    fields = request.get_json() if request.is_json else request.form.to_dict()
    return Parameters(fields, request.headers)


class TokenEndpoints:
    """RFC 6749 section 3.2, RFC 7009, OIDC Core 5.3."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask, path: str) -> None:
        """Serve below the issuer's path."""
        app.add_url_rule(f"{path}/token", "token", self.token, methods=["POST"])
        app.add_url_rule(f"{path}/token/revocation", "revocation", self.revocation, methods=["POST"])
        app.add_url_rule(f"{path}/me", "userinfo", self.userinfo, methods=["GET", "POST"])

    def token(self) -> Response:
        """Exchange a code or a refresh token."""
        response: Response = self.logto.oauth.create_token_response(body_parameters())
        if change := self.logto.misbehave.token_response:
            response.status_code, body = change(response.status_code, json.loads(response.get_data()))
            response.set_data(body if isinstance(body, str) else json.dumps(body))
        return response

    def revocation(self) -> Response:
        """Revoke a token; one that does not exist is revoked already (RFC 7009 section 2.2)."""
        response: Response = self.logto.oauth.create_endpoint_response("revocation", body_parameters())
        return response

    def userinfo(self) -> Response:
        """Answer the claims that the access token opens."""
        authorization = request.authorization
        value = authorization.token if authorization and authorization.type == "bearer" else None
        token = self.logto.state.token(AccessToken, value or "")
        if token is None:
            return self._unauthorized()
        claims = self.logto.dialect.userinfo(self.logto.users[token.grant.user_id].claims(token.scope))
        change = self.logto.misbehave.userinfo
        return jsonify(change(claims) if change else claims)

    def _unauthorized(self) -> Response:
        response = jsonify(error_body("invalid_token", "invalid token provided"))
        response.status_code = 401
        challenge = 'error="invalid_token", error_description="invalid token provided"'
        response.headers["WWW-Authenticate"] = f'Bearer realm="{self.logto.issuer}", {challenge}'
        return response
