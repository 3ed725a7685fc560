"""Logto's metadata and signing keys, fetched when first needed and kept."""

from collections.abc import Mapping
from typing import Any

from passerelle.errors import ProviderUnavailable
from passerelle.kept import Kept
from passerelle.oidc.metadata import Metadata, checked_metadata
from passerelle.ports import Provider

KEPT_SECONDS = 3600

Keys = tuple[Mapping[str, Any], ...]


class Discovery:
    """One issuer's metadata and keys."""

    def __init__(self, provider: Provider, issuer: str) -> None:
        self._provider, self._issuer = provider, issuer
        self.document = Kept("metadata", KEPT_SECONDS, self._fetch_metadata)
        self._keys_of: dict[str, Kept[Keys]] = {}

    def metadata(self, now: float) -> Metadata:
        """Return the judged metadata; raises `ProviderUnavailable` or `Misconfigured`."""
        return self.document.get(now)

    def keys(self, now: float) -> Keys:
        """Return the JSON Web Keys (RFC 7517 5); raises `ProviderUnavailable`."""
        return self._keys_at(self.metadata(now).jwks_uri).get(now)

    @property
    def is_known(self) -> bool:
        """Whether metadata and keys were fetched before."""
        return bool(self._keys_of) and all(keys.is_known for keys in self._keys_of.values())

    def get(self, now: float) -> object:
        """Fetch the metadata, and then the keys that it points to."""
        return self.keys(now)

    def refetch(self, now: float) -> None:
        """Fetch metadata and keys again: the signing key may have been rotated a moment ago.

        Not limited in frequency. Only a token that came straight from the token endpoint asks for it, so it
        costs whoever would abuse it a whole sign-in each time.
        """
        self._keys_at(self.document.refetch(now).jwks_uri).refetch(now)

    def again(self, now: float) -> bool:
        """Fetch metadata and keys again because of what a stranger sent; false when that was a moment ago."""
        # The one may have been fetched by another request that has not come to the other yet.
        metadata = self.document.again(now) or self.metadata(now)
        return self._keys_at(metadata.jwks_uri).again(now) is not None

    def _keys_at(self, jwks_uri: str) -> Kept[Keys]:
        fresh = Kept("signing keys", KEPT_SECONDS, lambda: self._fetch_keys(jwks_uri))
        return self._keys_of.setdefault(jwks_uri, fresh)

    def _fetch_metadata(self) -> Metadata:
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        return checked_metadata(self._document(url), self._issuer)

    def _fetch_keys(self, jwks_uri: str) -> Keys:
        keys = self._document(jwks_uri).get("keys")
        if not isinstance(keys, list):
            raise ProviderUnavailable(reason="the key set has no list of keys")
        return tuple(key for key in keys if isinstance(key, dict))

    def _document(self, url: str) -> Mapping[str, Any]:
        reply = self._provider.get(url)
        if reply.status != 200 or reply.body is None:
            raise ProviderUnavailable(reason=f"{url} answered {reply.status}, or no JSON object")
        return reply.body
