"""AWS Signature Version 4 for a POST with a JSON body.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html; a test holds it
against botocore's. Importing boto3 and making a client costs a cold function half a second of processor time,
several times what all the rest costs.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit


class Credentials(NamedTuple):
    """Keys of the function's role; the token goes with keys that expire, as all of Lambda's do."""

    access_key_id: str
    secret_access_key: str
    session_token: str

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id!r}, ...)"


def signed_headers(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    credentials: Credentials,
    region: str,
    service: str,
    now: float,
) -> dict[str, str]:
    """Return `headers` (names in lower case) with those that sign them and the body.

    The URL must have no query, and a path in which nothing needs encoding.
    """
    parts = urlsplit(url)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    signed = {"host": parts.netloc, "x-amz-date": stamp, **headers}
    if credentials.session_token:
        signed["x-amz-security-token"] = credentials.session_token
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{' '.join(signed[name].split())}\n" for name in sorted(signed))
    digest = hashlib.sha256(body).hexdigest()
    canonical = f"POST\n{parts.path or '/'}\n\n{lines}\n{names}\n{digest}"
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_access_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    signed["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key_id}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return signed
