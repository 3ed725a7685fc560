"""ID tokens."""

from typing import TYPE_CHECKING

from local.logto.keys import algorithm, sign
from local.logto.models import Credential

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

LIFETIME = 3600


def issue_id_token(logto: "EmbeddedLogto", source: Credential, scope: str) -> str:
    """Sign an ID token (OIDC Core 2) for the person behind a code or a refresh token."""
    now, wish = int(logto.clock()), logto.misbehave
    claims = logto.users[source.grant.user_id].claims(scope)
    if source.nonce is not None:
        claims["nonce"] = source.nonce
    if source.auth_time is not None:
        claims["auth_time"] = source.auth_time
    claims |= {"aud": source.grant.client_id, "exp": now + LIFETIME, "iat": now, "iss": logto.issuer}
    if wish.id_token_claims:
        claims = wish.id_token_claims(claims)
    if wish.before_signing:
        wish.before_signing()
    key = logto.keys.current
    header = {"alg": algorithm(key), "kid": key.kid}
    return wish.id_token(header, claims, key) if wish.id_token else sign(header, claims, key)
