"""Keys of an issuer, and tokens signed with them without the library that the product verifies with."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey, OKPKey, RSAKey

from passerelle.keys import encode
from tests.support.doubles import CLIENT, ISSUER, NOW

ACCESS_TOKEN = "the-access-token"
DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class IssuerKey:
    """One key pair and the algorithm that it signs with; the kid is only what the JWK says."""

    def __init__(self, algorithm: str, kid: str | None = "key-1", **members: Any) -> None:
        self.algorithm = algorithm
        self._key = _key(algorithm, kid)
        named = {} if kid is None else {"kid": kid}
        public: dict[str, Any] = dict(self._key.as_dict(private=False))
        public.pop("kid", None)
        self.jwk: dict[str, Any] = public | named | members

    def sign(self, claims: Mapping[str, Any] | bytes, **header: Any) -> str:
        """A compact JWS; header members of None are left out."""
        named = {"alg": self.algorithm, "kid": self.jwk.get("kid")} | header
        return self.sign_parts({name: value for name, value in named.items() if value is not None}, claims)

    def sign_parts(self, header: Mapping[str, Any], claims: Mapping[str, Any] | bytes) -> str:
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        signed = f"{encode(json.dumps(header).encode())}.{encode(payload)}"
        return f"{signed}.{encode(self._signature(signed.encode()))}"

    def _signature(self, signed: bytes) -> bytes:
        private = self._key.private_key
        if isinstance(private, ed25519.Ed25519PrivateKey):
            return private.sign(signed)
        digest = DIGESTS[self.algorithm[2:]]
        if isinstance(private, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            return private.sign(signed, pss if self.algorithm[:2] == "PS" else padding.PKCS1v15(), digest)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        size = (private.curve.key_size + 7) // 8
        r, s = decode_dss_signature(private.sign(signed, ec.ECDSA(digest)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")


@cache
def _key(algorithm: str, kid: str | None) -> Any:
    if algorithm in CURVES:
        return ECKey.generate_key(CURVES[algorithm])
    if algorithm in {"EdDSA", "Ed25519"}:
        return OKPKey.generate_key("Ed25519")
    return RSAKey.generate_key(2048)


def hmac_token(claims: Mapping[str, Any], secret: bytes, **header: Any) -> str:
    """A token under HS256, as one who knows only public things could make it."""
    signed = (
        f"{encode(json.dumps({'alg': 'HS256', **header}).encode())}.{encode(json.dumps(claims).encode())}"
    )
    return f"{signed}.{encode(hmac.digest(secret, signed.encode(), 'sha256'))}"


def good_claims(nonce: str = "the-nonce", now: float = NOW, **changed: Any) -> dict[str, Any]:
    """Claims as Logto sends them; members of `...` are left out."""
    claims = {
        "sub": "mjt0ihu0vqqh",
        "name": None,
        "picture": None,
        "username": None,
        "email": "ada@example.com",
        "email_verified": True,
        "nonce": nonce,
        "aud": CLIENT.client_id,
        "exp": int(now) + 3600,
        "iat": int(now),
        "iss": ISSUER,
    }
    return {name: value for name, value in (claims | changed).items() if value is not ...}


def at_hash(access_token: str, name: str) -> str:
    digest = hashlib.new(name, access_token.encode()).digest()
    return encode(digest[: len(digest) // 2])
