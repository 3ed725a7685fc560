"""ID tokens: every rule of OpenID Connect Core 1.0, 3.1.3.7 at a sign-in, and those of 12.2 at a refresh."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

from passerelle.keys import encode
from passerelle.log import discreet
from passerelle.oidc.jws import Keys, TokenRefused, algorithm_of, signed_claims, time_of

LEEWAY_SECONDS = 60
MAX_AGE_SECONDS = 600
"""How old an ID token may be that was asked for a moment ago."""

_TYPES = ("", "jwt")


@discreet
class Expected(NamedTuple):
    """What the attempt to sign in knows."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: tuple[str, ...]
    access_token: str
    max_age: int | None
    authenticated_after: int | None = None
    """When the user has to prove anew who they are: the time at which that was asked for."""


@discreet
class Original(NamedTuple):
    """What the ID token of a sign-in said, and a refreshed one must not change."""

    issuer: str
    client_id: str
    subject: str
    nonce: str
    auth_time: float | None
    algorithms: tuple[str, ...]
    access_token: str


def verified_claims(token: str, keys: Keys, expected: Expected, now: float) -> dict[str, Any]:
    """Verify the ID token of a sign-in and return its claims.

    Raises `KeyNotFound` when newer keys may help, and `TokenRefused` with a code named after the rule.
    """
    claims = signed_claims(token, keys, expected.algorithms, _TYPES)  # rules 1, 6, 7, 8
    _check_parties(claims, expected.issuer, expected.client_id)
    _check_times(claims, now)
    _check_authentication(claims, expected, now)
    _check_nonce(claims.get("nonce"), expected.nonce)  # rule 11
    _check_access_token_hash(claims, expected.access_token, algorithm_of(token))
    return claims


def verified_refreshed_claims(token: str, keys: Keys, original: Original, now: float) -> dict[str, Any]:
    """Verify the ID token of a refresh (Core 12.2), return its claims; raises as `verified_claims` does."""
    claims = signed_claims(token, keys, original.algorithms, _TYPES)
    _check_parties(claims, original.issuer, original.client_id)  # iss, aud, azp: those of the original
    _check_times(claims, now)  # iat: when the new one was issued
    if claims["sub"] != original.subject:
        raise TokenRefused("id_token_subject_changed", reason="sub is another user")
    if original.auth_time is not None and claims.get("auth_time", original.auth_time) != original.auth_time:
        raise TokenRefused("authentication_time_changed", reason="auth_time is not the original's")
    if "nonce" in claims:  # it should not be there; Logto repeats the original's
        _check_nonce(claims["nonce"], original.nonce)
    _check_access_token_hash(claims, original.access_token, algorithm_of(token))
    return claims


def _check_parties(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:  # rule 2
        raise TokenRefused("id_token_issuer_mismatch", reason="iss is another issuer")
    if claims.get("aud") not in (client_id, [client_id]):  # rule 3: no other audience is trusted
        raise TokenRefused("id_token_audience_mismatch", reason="aud is not exactly this client")
    if claims.get("azp", client_id) != client_id:  # rules 4 and 5
        raise TokenRefused("id_token_audience_mismatch", reason="azp is another client")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.isascii() or not 0 < len(subject) <= 255:  # Core 2
        raise TokenRefused("id_token_subject_invalid", reason="sub is missing or unusable")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires_at, issued_at = time_of(claims, "exp"), time_of(claims, "iat")
    if now >= expires_at + LEEWAY_SECONDS:  # rule 9
        raise TokenRefused("id_token_expired", reason="exp has passed")
    if not now - MAX_AGE_SECONDS <= issued_at <= now + LEEWAY_SECONDS:  # rule 10
        raise TokenRefused("id_token_issued_at_invalid", reason="iat is too far from now")
    if time_of(claims, "nbf", issued_at) > now + LEEWAY_SECONDS:  # RFC 7519 4.1.5
        raise TokenRefused("id_token_not_yet_valid", reason="nbf lies ahead")


def _check_authentication(claims: Mapping[str, Any], expected: Expected, now: float) -> None:
    oldest = []
    if expected.max_age is not None:  # rule 13
        oldest.append(now - expected.max_age)
    if expected.authenticated_after is not None:  # 3.1.2.1, prompt=login
        oldest.append(expected.authenticated_after)
    if oldest and time_of(claims, "auth_time") < max(oldest) - LEEWAY_SECONDS:
        raise TokenRefused("authentication_too_old", reason="auth_time is older than what was asked for")


def _check_nonce(nonce: object, expected: str) -> None:
    # Ours is ASCII, and `compare_digest` takes no other text.
    if not isinstance(nonce, str) or not nonce.isascii() or not hmac.compare_digest(nonce, expected):
        raise TokenRefused("nonce_mismatch", reason="nonce is not this attempt's")


def _check_access_token_hash(claims: Mapping[str, Any], access_token: str, algorithm: str) -> None:
    if "at_hash" not in claims or algorithm in {"EdDSA", "Ed25519"}:
        return
    digest = hashlib.new(f"sha{algorithm[2:]}", access_token.encode()).digest()  # Core 3.1.3.6
    if claims["at_hash"] != encode(digest[: len(digest) // 2]):
        raise TokenRefused("access_token_hash_mismatch", reason="at_hash is another access token's")
