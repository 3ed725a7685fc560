"""Authlib's authorization server with Logto's clients, tables and errors."""

# Authlib has no types; its base classes are Any for mypy.
# mypy: disable-error-code="misc"

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote_plus

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc7009 import RevocationEndpoint
from flask import Response
from werkzeug.datastructures import Headers

from local.logto.errors import error_body
from local.logto.grants import CLIENT_AUTH_METHODS, CodeGrant, IdTokens, LogtoRules, RefreshGrant, S256Only
from local.logto.management.tokens import ManagementGrant
from local.logto.models import AccessToken, Credential, RefreshToken
from local.logto.state import opaque
from local.logto.tenant import Client

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto


# Authlib writes every token that it issues into its debug log.
logging.getLogger("authlib").setLevel(logging.WARNING)


class Parameters(OAuth2Request):
    """A request as Authlib wants it; its parameters may come from a query, a body or a pushed request."""

    def __init__(self, parameters: Mapping[str, str], headers: Headers | None = None) -> None:
        # Authlib refuses plain http beyond loopback; a container reaches this server under another name.
        super().__init__("POST", "https://logto.invalid/", headers=headers)
        self.payload = BasicOAuth2Payload(parameters)

    @property
    def form(self) -> Mapping[str, str]:
        """The parameters."""
        return self.payload.data  # type: ignore[no-any-return]


class Revocation(RevocationEndpoint):
    """RFC 7009."""

    CLIENT_AUTH_METHODS = CLIENT_AUTH_METHODS

    def query_token(self, value: str, hint: str | None) -> Credential | None:
        """Return the token of either kind; the hint is of no use to a dictionary."""
        return self.server.logto.state.tokens.get(value)  # type: ignore[no-any-return]

    def revoke_token(self, token: Credential, request: OAuth2Request) -> None:
        """Revoke it."""
        self.server.logto.state.revoke(token)


class Issuer(Protocol):
    """Whoever gives tokens to applications that it knows."""

    clients: dict[str, Client]
    clock: Callable[[], float]


class TokenServer(AuthorizationServer):
    """Authlib's server with Logto's clients and errors; it gives machines tokens for the Management API."""

    def __init__(self, logto: Issuer) -> None:
        super().__init__()
        self.logto = logto
        self.register_client_auth_method("client_secret_basic", _by_client_secret_basic)
        self.register_grant(ManagementGrant)

    def query_client(self, client_id: str) -> Client | None:
        """Return the registered client."""
        return self.logto.clients.get(client_id)

    def create_oauth2_request(self, request: Parameters) -> Parameters:
        """Take requests as the endpoints made them."""
        return request

    def authenticate_client(self, request: Parameters, methods: list[str], endpoint: str = "token") -> Client:
        """Tell apart, as Logto does: nothing sent and unknown client (400), wrong secret (401)."""
        claimed = _basic_credentials(request)[0] or request.form.get("client_id")
        if not claimed:
            raise InvalidRequestError("no client authentication mechanism provided")
        if claimed not in self.logto.clients:
            raise InvalidClientError(status_code=400)
        client: Client = super().authenticate_client(request, methods, endpoint)
        if client.has_expired(_claimed_secret(request), self.logto.clock()):
            raise InvalidRequestError("client secret has expired")
        return client

    def handle_error_response(self, request: Parameters, error: OAuth2Error) -> Response:
        """Answer an error of the token, revocation or pushed request endpoint."""
        body = error_body(error.error, error.get_error_description())
        return self.handle_response(error.status_code, body, error.get_headers())  # type: ignore[no-any-return]


class Server(TokenServer):
    """The tenant's, where people have tokens too."""

    logto: "EmbeddedLogto"

    def __init__(self, logto: "EmbeddedLogto") -> None:
        super().__init__(logto)
        self.register_token_generator("default", self._generate)
        self.register_grant(CodeGrant, [S256Only(required=False), LogtoRules(), IdTokens()])
        self.register_grant(RefreshGrant, [IdTokens()])
        self.register_endpoint(Revocation)

    def get_authorization_grant(self, request: Parameters) -> CodeGrant:
        """Refuse all but the code flow; Authlib would put what was asked for into the description."""
        if request.payload.response_type != "code":
            description = "unsupported response_type requested"
            raise OAuth2Error(error="unsupported_response_type", description=description)
        return super().get_authorization_grant(request)  # type: ignore[no-any-return]

    def save_token(self, token: dict[str, Any], request: Parameters) -> None:
        """Remember what was issued under the grant that it comes from."""
        source: Credential = request.authorization_code or request.refresh_token
        self._remember(
            AccessToken, token["access_token"], source, token["scope"], self.logto.access_token_ttl
        )
        refresh_token = token.get("refresh_token")
        if refresh_token and refresh_token not in self.logto.state.tokens:
            self._remember(RefreshToken, refresh_token, source, source.scope, self.logto.refresh_token_ttl)

    def _remember(
        self, kind: type[Credential], value: str, source: Credential, scope: str, ttl: float
    ) -> None:
        now = self.logto.clock()
        token = kind(
            value=value,
            grant=source.grant,
            scope=scope,
            nonce=source.nonce,
            auth_time=source.auth_time,
            issued_at=now,
            expires_at=now + ttl,
        )
        self.logto.state.tokens[value] = token

    def _generate(self, grant_type: str, scope: str, include_refresh_token: bool, **_: Any) -> dict[str, Any]:
        token = {
            "access_token": opaque(),
            "expires_in": self.logto.access_token_ttl,
            "scope": scope,
            "token_type": "Bearer",
        }
        if include_refresh_token and (grant_type == "refresh_token" or "offline_access" in scope.split()):
            token["refresh_token"] = opaque()
        return token


def _basic_credentials(request: Parameters) -> tuple[str, str]:
    """Read client id and secret from the header; both were form-encoded first (RFC 6749 2.3.1)."""
    found = [unquote_plus(part or "") for part in extract_basic_authorization(request.headers)]
    return found[0], found[1]


def _claimed_secret(request: Parameters) -> str:
    return _basic_credentials(request)[1] or request.form.get("client_secret", "")


def _by_client_secret_basic(
    query_client: Callable[[str], Client | None], request: Parameters
) -> Client | None:
    client_id, secret = _basic_credentials(request)
    client = query_client(client_id)
    return client if client and client.check_client_secret(secret) else None
