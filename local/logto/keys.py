"""The signing keys and what is published about them."""

import base64
import hmac
import json
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

KeyKind = Literal["EC", "RSA"]
SigningKey = ECKey | RSAKey
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def generate(kind: KeyKind) -> SigningKey:
    """Make a key; as in Logto only the EC one names its algorithm."""
    if kind == "RSA":
        return RSAKey.generate_key(2048, {"use": "sig"}, private=True, auto_kid=True)
    return ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384"}, private=True, auto_kid=True)


def generate_for(alg: str) -> SigningKey:
    """Make a key for an algorithm that Logto itself does not sign with."""
    if alg in CURVES:
        return ECKey.generate_key(CURVES[alg], {"use": "sig"}, private=True, auto_kid=True)
    return generate("RSA")


def fits(key: SigningKey, alg: str) -> bool:
    """Tell whether the algorithm goes with a key of this type and curve."""
    if isinstance(key, RSAKey):
        return alg[:2] in {"RS", "PS"}
    return key.curve_name == CURVES.get(alg)


def algorithm(key: SigningKey) -> str:
    """Return the algorithm that the key signs ID tokens with."""
    return "RS256" if isinstance(key, RSAKey) else "ES384"


def sign(header: dict[str, Any], claims: dict[str, Any], key: SigningKey) -> str:
    """Sign a JWT whose header is exactly the one given (`joserfc.jwt` would add `typ`, Logto has none)."""
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[header["alg"]])


def seal(header: dict[str, Any], claims: dict[str, Any], key: SigningKey | bytes | None) -> str:
    """Make a JWT of anything, as libraries refuse to: `bytes` are an HMAC's key, None leaves it unsigned."""
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims)).encode()
    if key is None:
        signature = b""
    elif isinstance(key, bytes):
        signature = hmac.digest(key, signed, f"sha{header['alg'][2:]}")
    else:
        signature = jws.JWSRegistry(algorithms=[header["alg"]]).get_alg(header["alg"]).sign(signed, key)
    return f"{signed.decode()}.{_encoded(signature)}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class SigningKeys:
    """The current key and at most one previous, current first; `others` are published beside them."""

    def __init__(self, kind: KeyKind = "EC") -> None:
        self.all: tuple[SigningKey, ...] = (generate(kind),)
        self.others: tuple[SigningKey, ...] = ()

    @property
    def current(self) -> SigningKey:
        """The key that signs."""
        return self.all[0]

    def rotate(self, kind: KeyKind) -> None:
        """Put a new key in front; the one before the previous drops out."""
        self.all = (generate(kind), self.all[0])

    def able_to(self, alg: str) -> SigningKey:
        """Return a published key that the algorithm goes with; without one, publish one."""
        for key in (*self.all, *self.others):
            if fits(key, alg):
                return key
        self.others += (generate_for(alg),)
        return self.others[-1]

    def jwks(self) -> dict[str, Any]:
        """Return the public halves (RFC 7517 section 5)."""
        return {"keys": [key.as_dict(private=False) for key in (*self.all, *self.others)]}

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
