"""CloudFront in front of the API, with the firewall: who came past it, and for whom it asks.

An HTTP API takes no firewall, and its domain answers whoever finds it. So CloudFront adds a header with a
secret to what it lets through, and nothing else is answered. The environment holds the secret's SHA-256,
which proves it and does not give it away: it has 288 random bits.
"""

from collections.abc import Collection, Mapping
from hashlib import sha256
from hmac import compare_digest

from passerelle.errors import NotThroughFront

HEADER = "x-passerelle-front"


def demand_front(token: str, digests: Collection[str]) -> None:
    """Refuse a request that did not come by CloudFront; without `digests` (SHA-256 in hex) all may pass.

    There are two while the secret is replaced. Raises `NotThroughFront`.
    """
    if not digests:
        return
    shown = sha256(token.encode()).hexdigest()
    if not any(compare_digest(shown, digest) for digest in digests):
        raise NotThroughFront(
            reason="the header of CloudFront is wrong" if token else "it has no such header"
        )


def viewer_address(headers: Mapping[str, str]) -> str:
    """Return the visitor's IP address as CloudFront saw it; only to be believed where `demand_front` held.

    The header is `address:port`, where the address of IPv6 stands without brackets.
    """
    return headers.get("cloudfront-viewer-address", "").rpartition(":")[0].strip("[]")
