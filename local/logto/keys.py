"""The signing keys and what is published about them."""

import json
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

KeyKind = Literal["EC", "RSA"]
SigningKey = ECKey | RSAKey


def generate(kind: KeyKind) -> SigningKey:
    """Make a key; as in Logto only the EC one names its algorithm."""
    if kind == "RSA":
        return RSAKey.generate_key(2048, {"use": "sig"}, private=True, auto_kid=True)
    return ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384"}, private=True, auto_kid=True)


def algorithm(key: SigningKey) -> str:
    """Return the algorithm that the key signs ID tokens with."""
    return "RS256" if isinstance(key, RSAKey) else "ES384"


def sign(header: dict[str, Any], claims: dict[str, Any], key: SigningKey) -> str:
    """Sign a JWT whose header is exactly the one given (`joserfc.jwt` would add `typ`, Logto has none)."""
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[header["alg"]])


class SigningKeys:
    """The current key and at most one previous, current first."""

    def __init__(self) -> None:
        self.all: tuple[SigningKey, ...] = (generate("EC"),)

    @property
    def current(self) -> SigningKey:
        """The key that signs."""
        return self.all[0]

    def rotate(self, kind: KeyKind) -> None:
        """Put a new key in front; the one before the previous drops out."""
        self.all = (generate(kind), self.all[0])

    def jwks(self) -> dict[str, Any]:
        """Return the public halves (RFC 7517 section 5)."""
        return {"keys": [key.as_dict(private=False) for key in self.all]}

    def algorithms(self) -> list[str]:
        """Return what discovery lists: an RSA key could do both paddings."""
        rsa = ["PS256", "RS256"] if any(isinstance(key, RSAKey) for key in self.all) else []
        return rsa + (["ES384"] if any(isinstance(key, ECKey) for key in self.all) else [])

    def claims_of(self, id_token: str) -> dict[str, Any] | None:
        """Return the claims of an ID token of ours, expired or not; None if it is not ours."""
        try:
            token = jws.deserialize_compact(id_token, KeySet(list(self.all)), algorithms=["ES384", "RS256"])
            claims = json.loads(token.payload)
        except (JoseError, ValueError):
            return None
        return claims if isinstance(claims, dict) else None
