"""Access tokens for the Management API: given to machines, and judged when they come back."""

# Authlib has no types; its base classes are Any for mypy.
# mypy: disable-error-code="misc"

from typing import TYPE_CHECKING, Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import TokenEndpointMixin, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant

from local.logto.keys import SigningKeys, algorithm, sign
from local.logto.management.errors import RequestError
from local.logto.state import opaque
from local.logto.tenant import Client

if TYPE_CHECKING:
    from local.logto.management.admin_endpoint import AdminEndpoint
    from local.logto.server import EmbeddedLogto

LIFETIME = 3600
SCOPE = "all"


class ManagementGrant(BaseGrant, TokenEndpointMixin):
    """RFC 6749 section 4.4 with a resource (RFC 8707), which can only be the Management API."""

    GRANT_TYPE = "client_credentials"
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def validate_token_request(self) -> None:
        """Refuse applications that are no machines, and every resource but the one that there is."""
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("requested grant type is not allowed for this client")
        resource = self.request.form.get("resource")
        if not resource:
            raise OAuth2Error(
                error="invalid_target", description="both `resource` and `organization_id` are not provided"
            )
        if resource != self.server.logto.management_resource:
            raise OAuth2Error(error="invalid_target", description="resource indicator is missing, or unknown")
        self.request.client = client

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Answer a JWT (RFC 9068); scopes that the application has no role for go silently."""
        client, asked = self.request.client, self.request.form.get("scope", "").split()
        scope = SCOPE if SCOPE in asked and client.is_admin else None
        body = {
            "access_token": _issue(self.server.logto, client, scope),
            "expires_in": LIFETIME,
            "token_type": "Bearer",
        }
        if scope:
            body["scope"] = scope
        return 200, body, self.TOKEN_RESPONSE_HEADER


def _issue(issuer: "EmbeddedLogto | AdminEndpoint", client: Client, scope: str | None) -> str:
    now, key = int(issuer.clock()), issuer.keys.current
    claims = {"jti": opaque(21), "sub": client.id, "iat": now, "exp": now + LIFETIME}
    claims |= {"scope": scope} if scope else {}
    claims |= {"client_id": client.id, "iss": issuer.issuer, "aud": issuer.management_resource}
    return sign({"alg": algorithm(key), "typ": "at+jwt", "kid": key.kid}, claims, key)


def check(logto: "EmbeddedLogto", authorization: str | None) -> None:
    """Let a request with this header pass if its token opens the Management API.

    Raises `RequestError`: 401 without a good token, 403 with one that lacks the scope.
    """
    if not authorization:
        raise RequestError("auth.authorization_header_missing", 401)
    if not authorization.startswith("Bearer"):
        data = {"supportedTypes": ["Bearer"]}
        raise RequestError("auth.authorization_token_type_not_supported", 401, data)
    claims = _claims(logto, authorization.removeprefix("Bearer").strip())
    if SCOPE not in str(claims.get("scope", "")).split():
        raise RequestError("auth.forbidden", 403)


def _claims(logto: "EmbeddedLogto", token: str) -> dict[str, Any]:
    fault = {"code": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "name": "JWSSignatureVerificationFailed"}
    for issuer, keys in _issuers(logto).items():
        claims = keys.claims_of(token)
        if claims is None:
            continue
        claim = _wrong_claim(claims, issuer, logto)
        if claim is None and claims.get("sub"):
            return claims
        expired = {"code": "ERR_JWT_EXPIRED", "name": "JWTExpired", "claim": "exp"}
        unfit = {"code": "ERR_JWT_CLAIM_VALIDATION_FAILED", "name": "JWTClaimValidationFailed"}
        fault = expired if claim == "exp" else unfit | {"claim": claim or "sub"}
    raise RequestError("auth.unauthorized", 401, fault)


def _issuers(logto: "EmbeddedLogto") -> dict[str, SigningKeys]:
    admin = logto.admin
    return {logto.issuer: logto.keys} | ({admin.issuer: admin.keys} if admin else {})


def _wrong_claim(claims: dict[str, Any], issuer: str, logto: "EmbeddedLogto") -> str | None:
    audience = claims.get("aud")
    if claims.get("iss") != issuer:
        return "iss"
    if logto.management_resource not in (audience if isinstance(audience, list) else [audience]):
        return "aud"
    return "exp" if claims.get("exp", 0) <= logto.clock() else None
