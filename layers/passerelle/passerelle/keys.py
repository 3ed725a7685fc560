"""Our own keys: sealing what leaves our hands, and keyed hashes for what must not be stored in clear.

Every key is derived for one purpose (HKDF, RFC 5869), and every sealed value is bound to the place it
belongs to, so that nothing sealed for one use opens in another. Keys are a list, newest last: the last
seals, all open. The index key for hashes never changes, since a hash is looked up again.
"""

import hmac
import os
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from passerelle.errors import Misconfigured
from passerelle.log import discreet

_NONCE_BYTES = 12
_MIN_KEY_CHARACTERS = 32
FIRST_KID = "0"
_KID = re.compile("[A-Za-z0-9]{1,32}")


class SealBroken(Exception):
    """A sealed value was changed, moved, cut, or sealed by somebody else."""


class UnknownKey(SealBroken):
    """A sealed value names a key that this keyring does not hold: it may have been added since."""


@discreet
class Keyring(NamedTuple):
    """Key material by key id, newest last, and the index key."""

    keys: tuple[tuple[str, str], ...]
    index_key: str

    def seal(self, purpose: str, binding: str, plaintext: bytes) -> str:
        """Encrypt with AES-256-GCM under the newest key; the result is safe in a cookie."""
        kid, key = self.keys[-1]
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(_derive(key, purpose)).encrypt(nonce, plaintext, binding.encode())
        return f"{kid}.{encode(nonce + sealed)}"

    def open(self, purpose: str, binding: str, sealed: str) -> bytes:
        """Decrypt what `seal` made for the same purpose and binding; raises `SealBroken`, `UnknownKey`."""
        kid, _, text = sealed.partition(".")
        key = dict(self.keys).get(kid)
        if key is None:
            raise UnknownKey
        try:
            raw = decode(text)
            return AESGCM(_derive(key, purpose)).decrypt(
                raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], binding.encode()
            )
        except (ValueError, InvalidTag) as error:
            raise SealBroken from error

    def index_hash(self, purpose: str, value: str) -> bytes:
        """Return HMAC-SHA256 of a value that could be guessed, such as an address or a subject."""
        return hmac.digest(_derive(self.index_key, f"index:{purpose}"), value.encode(), "sha256")


def parse_keyring(secret: Mapping[str, Any]) -> Keyring:
    """Read `{"key"}` as generated at deployment, or `{"keys": [{"kid", "key"}], "index"}` after a rotation.

    Raises `Misconfigured` when a key is missing or too short to be one.
    """
    entries = secret.get("keys", [{"kid": FIRST_KID, "key": secret.get("key")}])
    index_key = secret.get("index") if "keys" in secret else secret.get("key")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise Misconfigured("secret_invalid", reason="keys is not a list of objects")
    kids, keys = [entry.get("kid") for entry in entries], [entry.get("key") for entry in entries]
    if not all(isinstance(kid, str) and _KID.fullmatch(kid) for kid in kids) or len(set(kids)) != len(kids):
        raise Misconfigured("secret_invalid", reason="keys: every entry needs a kid of its own")
    if not all(isinstance(key, str) and len(key) >= _MIN_KEY_CHARACTERS for key in [index_key, *keys]):
        raise Misconfigured(
            "secret_invalid", reason=f"keys: a key has under {_MIN_KEY_CHARACTERS} characters"
        )
    return Keyring(tuple(zip(kids, keys, strict=True)), str(index_key))


def encode(raw: bytes) -> str:
    """Encode as base64url without padding (RFC 4648 5)."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Reverse `encode`; raises `ValueError`."""
    return b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def random_value() -> str:
    """256 random bits as 43 characters of base64url."""
    return encode(os.urandom(32))


@cache
def _derive(key: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"passerelle:{purpose}".encode()).derive(key.encode())


def is_signed_with(keys: Iterable[str], message: bytes, signature: str) -> bool:
    """Whether one of the keys made this signature: HMAC-SHA256 in hexadecimal digits, as of webhooks."""
    if not signature.isascii():
        return False
    made = [hmac.digest(key.encode(), message, "sha256").hex() for key in keys]
    # Every one is compared, so that the time taken does not tell which was near.
    return sum(hmac.compare_digest(each, signature) for each in made) > 0
