"""ID token validation (OpenID Connect Core 1.0, 3.1.3.7), every rule of it."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from passerelle.errors import SignInRefused
from passerelle.keys import decode, encode
from passerelle.log import discreet

LEEWAY_SECONDS = 60
MAX_AGE_SECONDS = 600
"""How old an ID token may be that was asked for a moment ago."""

_FITS = {
    "RS": ("RSA", None),
    "PS": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", None),
    "Ed25519": ("OKP", "Ed25519"),
}
"""Key type and curve that an algorithm needs (RFC 7518 3.1, RFC 8037 3.1)."""


class KeyNotFound(SignInRefused):
    """The token names an algorithm or a key that the provider did not advertise when it was last asked."""


@discreet
class Expected(NamedTuple):
    """What the attempt to sign in knows."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: tuple[str, ...]
    access_token: str
    max_age: int | None


def verified_claims(
    token: str, keys: Iterable[Mapping[str, Any]], expected: Expected, now: float
) -> dict[str, Any]:
    """Verify an ID token and return its claims.

    Raises `KeyNotFound` when newer keys may help, and `SignInRefused` with a code named after the rule.
    """
    header = _unverified_header(token)
    algorithm = header.get("alg")
    if algorithm not in expected.algorithms:  # rule 7, 8: never none, never HMAC: those are not in the list
        raise KeyNotFound("id_token_algorithm_refused", reason="alg is not among those accepted")
    claims = _verify_signature(token, _candidates(keys, str(algorithm), header), str(algorithm))
    _check_parties(claims, expected)
    _check_times(claims, expected, now)
    _check_binding(claims, expected, str(algorithm))
    return claims


def _unverified_header(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:  # rule 1: five parts would be an encrypted token, which was not asked for
        raise SignInRefused("id_token_invalid", reason="not a JWS in compact form")
    try:
        header = json.loads(decode(parts[0]))
    except (ValueError, RecursionError) as error:
        raise SignInRefused("id_token_invalid", reason="unreadable header") from error
    # RFC 8725 3.11: an access token or a logout token is not an ID token. RFC 7515 4.1.11: unknown `crit`.
    if not isinstance(header, dict) or header.get("typ", "JWT") not in ("JWT", "jwt") or "crit" in header:
        raise SignInRefused("id_token_invalid", reason="header of another kind of token")
    return header


def _candidates(
    keys: Iterable[Mapping[str, Any]], algorithm: str, header: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Rule 6: the keys that may have signed, by `kid` when there is one (RFC 7515 4.1.4)."""
    kty, curve = _FITS.get(algorithm) or _FITS[algorithm[:2]]
    fitting = [
        key
        for key in keys
        if key.get("kty") == kty
        and (curve is None or key.get("crv") == curve)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and header.get("kid", key.get("kid")) == key.get("kid")
        and (kty != "RSA" or _bits(key.get("n")) >= 2048)  # RFC 7518 3.3
    ]
    if not fitting:
        raise KeyNotFound("id_token_key_unknown", reason="no key of the issuer fits kid and alg")
    return fitting


def _verify_signature(token: str, keys: list[Mapping[str, Any]], algorithm: str) -> dict[str, Any]:
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    for key in keys:
        try:
            claims = json.loads(jws.deserialize_compact(token, import_key(dict(key)), [algorithm]).payload)
        except (JoseError, ValueError, TypeError, RecursionError):
            continue  # not this key's signature, or not a key at all
        if isinstance(claims, dict):
            return claims
    raise SignInRefused("id_token_signature_invalid", reason="no key of the issuer made this signature")


def _bits(modulus: object) -> int:
    try:
        return int.from_bytes(decode(str(modulus))).bit_length()
    except ValueError:
        return 0


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:  # rule 2
        raise SignInRefused("id_token_issuer_mismatch", reason="iss is another issuer")
    audience = claims.get("aud")
    if audience not in (expected.client_id, [expected.client_id]):  # rule 3: no other audience is trusted
        raise SignInRefused("id_token_audience_mismatch", reason="aud is not exactly this client")
    if claims.get("azp", expected.client_id) != expected.client_id:  # rules 4 and 5
        raise SignInRefused("id_token_audience_mismatch", reason="azp is another client")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.isascii() or not 0 < len(subject) <= 255:  # Core 2
        raise SignInRefused("id_token_subject_invalid", reason="sub is missing or unusable")


def _check_times(claims: Mapping[str, Any], expected: Expected, now: float) -> None:
    expires_at, issued_at = _time(claims, "exp"), _time(claims, "iat")
    if now >= expires_at + LEEWAY_SECONDS:  # rule 9
        raise SignInRefused("id_token_expired", reason="exp has passed")
    if not now - MAX_AGE_SECONDS <= issued_at <= now + LEEWAY_SECONDS:  # rule 10
        raise SignInRefused("id_token_issued_at_invalid", reason="iat is too far from now")
    if _time(claims, "nbf", issued_at) > now + LEEWAY_SECONDS:  # RFC 7519 4.1.5
        raise SignInRefused("id_token_not_yet_valid", reason="nbf lies ahead")
    if expected.max_age is None:
        return
    if now > _time(claims, "auth_time") + expected.max_age + LEEWAY_SECONDS:  # rule 13
        raise SignInRefused("authentication_too_old", reason="auth_time is older than max_age")


def _check_binding(claims: Mapping[str, Any], expected: Expected, algorithm: str) -> None:
    nonce = claims.get("nonce")
    # Rule 11. Ours is ASCII, and `compare_digest` takes no other text.
    if not isinstance(nonce, str) or not nonce.isascii() or not hmac.compare_digest(nonce, expected.nonce):
        raise SignInRefused("nonce_mismatch", reason="nonce is not this attempt's")
    if "at_hash" not in claims or algorithm in {"EdDSA", "Ed25519"}:
        return
    digest = hashlib.new(f"sha{algorithm[2:]}", expected.access_token.encode()).digest()  # Core 3.1.3.6
    if claims["at_hash"] != encode(digest[: len(digest) // 2]):
        raise SignInRefused("access_token_hash_mismatch", reason="at_hash is another access token's")


def _time(claims: Mapping[str, Any], name: str, default: float | None = None) -> float:
    value = claims.get(name, default)
    # The range keeps out NaN, infinity and integers too large for a float, all of which JSON can carry.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise SignInRefused("id_token_invalid", reason=f"{name} is missing or not a time")
    return value
