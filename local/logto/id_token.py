"""ID tokens."""

from typing import TYPE_CHECKING, Any

from local.logto.keys import algorithm, sign
from local.logto.models import Credential, RefreshToken

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

LIFETIME = 3600


def issue_id_token(logto: "EmbeddedLogto", source: Credential, scope: str) -> str | None:
    """Sign an ID token (OIDC Core 2) for the person behind a code or a refresh token."""
    wish, claims = logto.misbehave, _claims(logto, source, scope)
    if wish.id_token_claims:
        claims = wish.id_token_claims(claims)
    if wish.refreshed_id_token_claims and isinstance(source, RefreshToken):
        changed = wish.refreshed_id_token_claims(claims)
        if changed is None:
            return None
        claims = changed
    if wish.before_signing:
        wish.before_signing()
    key = logto.keys.current
    header = {"alg": algorithm(key), "kid": key.kid}
    return wish.id_token(header, claims, key) if wish.id_token else sign(header, claims, key)


def _claims(logto: "EmbeddedLogto", source: Credential, scope: str) -> dict[str, Any]:
    now, grant = int(logto.clock()), source.grant
    claims = logto.users[grant.user_id].claims(scope if logto.dialect.profile_in_id_token else "")
    if source.nonce is not None:
        claims["nonce"] = source.nonce
    if source.auth_time is not None:
        claims["auth_time"] = source.auth_time
    if logto.clients[grant.client_id].knows_sessions:
        claims["sid"] = grant.sid
    return claims | {"aud": grant.client_id, "exp": now + LIFETIME, "iat": now, "iss": logto.issuer}
