"""Logto's metadata and signing keys, fetched when first needed and kept.

A kept copy outlives its time when Logto does not answer: a sign-in that could work shall not fail for a
document that rarely changes. `refetch` is for a token that the kept keys cannot explain.
"""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from passerelle import log
from passerelle.errors import ProviderUnavailable
from passerelle.oidc.metadata import Metadata, checked_metadata
from passerelle.ports import Provider

KEPT_SECONDS = 3600

_NEVER = float("-inf")

Keys = tuple[Mapping[str, Any], ...]


class Discovery:
    """One issuer's metadata and keys. However many callers wait, each document is fetched once."""

    def __init__(self, provider: Provider, issuer: str) -> None:
        self._provider, self._issuer = provider, issuer
        self._lock = Lock()
        self._metadata: tuple[float, Metadata | None] = _NEVER, None
        self._keys: tuple[float, Keys] = _NEVER, ()

    def metadata(self, now: float) -> Metadata:
        """Return the judged metadata; raises `ProviderUnavailable` or `Misconfigured`."""
        with self._lock:
            return self._current_metadata(now)

    def keys(self, now: float) -> Keys:
        """Return the JSON Web Keys (RFC 7517 5); raises `ProviderUnavailable`."""
        with self._lock:
            fetched_at, keys = self._keys
            if now - fetched_at < KEPT_SECONDS:
                return keys
            try:
                return self._fetch_keys(self._current_metadata(now), now)
            except ProviderUnavailable:
                if not keys:
                    raise
                log.warning("signing_keys_kept_past_their_time")
                return keys

    def refetch(self, now: float) -> None:
        """Fetch metadata and keys again: the signing key may have been rotated a moment ago.

        Not limited in frequency. Only a token that came straight from the token endpoint asks for it, so it
        costs whoever would abuse it a whole sign-in each time.
        """
        with self._lock:
            self._fetch_keys(self._fetch_metadata(now), now)

    def _current_metadata(self, now: float) -> Metadata:
        fetched_at, metadata = self._metadata
        if metadata and now - fetched_at < KEPT_SECONDS:
            return metadata
        try:
            return self._fetch_metadata(now)
        except ProviderUnavailable:
            if not metadata:
                raise
            log.warning("metadata_kept_past_its_time")
            return metadata

    def _fetch_metadata(self, now: float) -> Metadata:
        document = self._document(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        metadata = checked_metadata(document, self._issuer)
        self._metadata = now, metadata
        return metadata

    def _fetch_keys(self, metadata: Metadata, now: float) -> Keys:
        keys = self._document(metadata.jwks_uri).get("keys")
        if not isinstance(keys, list):
            raise ProviderUnavailable(reason="the key set has no list of keys")
        fetched = tuple(key for key in keys if isinstance(key, dict))
        self._keys = now, fetched
        return fetched

    def _document(self, url: str) -> Mapping[str, Any]:
        reply = self._provider.get(url)
        if reply.status != 200 or reply.body is None:
            raise ProviderUnavailable(reason=f"{url} answered {reply.status}, or no JSON object")
        return reply.body
