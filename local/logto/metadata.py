"""What Logto publishes about itself: discovery and keys."""

import json
from typing import TYPE_CHECKING, Any

from flask import Flask, jsonify, request
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

SCOPES = ("openid", "offline_access", "profile", "email")


class Metadata:
    """OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3, RFC 7517 section 5."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask, path: str) -> None:
        """Serve below the issuer's path: as in Logto, nothing of it is at the root."""
        app.add_url_rule(f"{path}/.well-known/openid-configuration", "discovery", self.discovery)
        app.add_url_rule(f"{path}/.well-known/oauth-authorization-server", "metadata", self.discovery)
        app.add_url_rule(f"{path}/jwks", "jwks", self.jwks)

    def discovery(self) -> Response:
        """Answer the discovery document."""
        change = self.logto.misbehave.discovery
        return jsonify(change(self.document()) if change else self.document())

    def jwks(self) -> Response:
        """Answer the public keys, to be asked for anew each time."""
        change, keys = self.logto.misbehave.jwks, self.logto.keys.jwks()
        response = Response(json.dumps(change(keys) if change else keys), mimetype="application/jwk-set+json")
        response.headers["Cache-Control"] = "no-cache, max-age=0, must-revalidate"
        response.add_etag()
        return response.make_conditional(request)

    def document(self) -> dict[str, Any]:
        """Return the metadata; it names only what is really served here."""
        base, algorithms = self.logto.base_url, self.logto.dialect.algorithms
        return {
            "issuer": self.logto.issuer,
            "authorization_endpoint": f"{base}/auth",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/me",
            "jwks_uri": f"{base}/jwks",
            "end_session_endpoint": f"{base}/session/end",
            "revocation_endpoint": f"{base}/token/revocation",
            "pushed_authorization_request_endpoint": f"{base}/request",
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "claims_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "id_token_signing_alg_values_supported": list(algorithms or self.logto.keys.algorithms()),
            "response_modes_supported": ["query"],
            "response_types_supported": ["code"],
            "scopes_supported": list(SCOPES),
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
