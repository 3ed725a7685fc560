"""Whose certificates are believed, read once: reading all authorities takes longer than a request here."""

import os
import ssl
from functools import lru_cache


def authorities() -> ssl.SSLContext:
    """The machine's, or those in SSL_CERT_FILE: an app on https may have its own."""
    return _authorities(os.environ.get("SSL_CERT_FILE", ""))


@lru_cache(maxsize=4)
def _authorities(file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=file or None)
