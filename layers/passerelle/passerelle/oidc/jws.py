"""The signature of a token, and what every signed token of the provider must hold (RFC 7515, RFC 7519)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from passerelle.errors import SignInRefused
from passerelle.keys import decode

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

Keys = Iterable[Mapping[str, Any]]


class TokenRefused(SignInRefused):
    """A token breaks a rule; the code says which."""


class KeyNotFound(TokenRefused):
    """The token names an algorithm or a key that the provider did not advertise when it was last asked."""


def signed_claims(token: str, keys: Keys, algorithms: Sequence[str], types: Sequence[str]) -> dict[str, Any]:
    """Verify a signature and return the claims.

    `types` are the values of `typ` that this kind of token may have, in lower case; an empty one stands for
    none. Raises `KeyNotFound` when newer keys may help, and `TokenRefused`.
    """
    header = _unverified_header(token, types)
    algorithm = header.get("alg")
    if algorithm not in algorithms:  # never none, never HMAC: those are not in the list
        raise KeyNotFound("id_token_algorithm_refused", reason="alg is not among those accepted")
    return _verify_signature(token, _candidates(keys, str(algorithm), header), str(algorithm))


def algorithm_of(token: str) -> str:
    """Return `alg` of a token whose signature was verified."""
    return str(json.loads(decode(token.split(".")[0]))["alg"])


def time_of(claims: Mapping[str, Any], name: str, default: float | None = None) -> float:
    """Read a time (RFC 7519 2, NumericDate); raises `TokenRefused` when it is none."""
    value = claims.get(name, default)
    # The range keeps out NaN, infinity and integers too large for a float, all of which JSON can carry.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise TokenRefused("id_token_invalid", reason=f"{name} is missing or not a time")
    return value


def _unverified_header(token: str, types: Sequence[str]) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:  # five parts would be an encrypted token, which was not asked for
        raise TokenRefused("id_token_invalid", reason="not a JWS in compact form")
    try:
        header = json.loads(decode(parts[0]))
    except (ValueError, RecursionError) as error:
        raise TokenRefused("id_token_invalid", reason="unreadable header") from error
    # RFC 7515 4.1.11: we understand no extension that must be understood.
    if not isinstance(header, dict) or "crit" in header:
        raise TokenRefused("id_token_invalid", reason="unreadable header")
    # RFC 8725 3.11: an access token is no ID token, and an ID token no logout token.
    if "typ" in header and not header["typ"] or str(header.get("typ", "")).lower() not in types:
        raise TokenRefused("id_token_invalid", reason="header of another kind of token")
    return header


def has_usable_key(keys: Keys, algorithms: Sequence[str]) -> bool:
    """Whether one of the published keys is a key, and may sign with one of these algorithms."""
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    for key in (key for algorithm in algorithms for key in _fitting(keys, algorithm)):
        try:
            import_key(dict(key))
        except (JoseError, ValueError, TypeError):
            continue
        return True
    return False


def _fitting(keys: Keys, algorithm: str) -> list[Mapping[str, Any]]:
    """The keys that go with an algorithm."""
    kty, curve = _FITS.get(algorithm) or _FITS[algorithm[:2]]
    return [
        key
        for key in keys
        if key.get("kty") == kty
        and (curve is None or key.get("crv") == curve)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kty != "RSA" or _bits(key.get("n")) >= 2048)  # RFC 7518 3.3
    ]


def _candidates(keys: Keys, algorithm: str, header: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The keys that may have signed, by `kid` when there is one (RFC 7515 4.1.4)."""
    fitting = [
        key for key in _fitting(keys, algorithm) if header.get("kid", key.get("kid")) == key.get("kid")
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
    raise TokenRefused("id_token_signature_invalid", reason="no key of the issuer made this signature")


def _bits(modulus: object) -> int:
    try:
        return int.from_bytes(decode(str(modulus))).bit_length()
    except ValueError:
        return 0
