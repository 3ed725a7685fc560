"""Provider metadata (OpenID Connect Discovery 1.0, 4.3; RFC 8414 3.3)."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from passerelle.errors import Misconfigured, ProviderUnavailable


class Metadata(NamedTuple):
    """What we use of it. Endpoints that the provider does not have are empty."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    revocation_endpoint: str
    userinfo_endpoint: str
    pushed_authorization_request_endpoint: str
    id_token_signing_alg_values_supported: tuple[str, ...]
    authorization_response_iss_parameter_supported: bool


def checked_metadata(document: Mapping[str, Any], issuer: str) -> Metadata:
    """Judge a discovery document fetched for `issuer`.

    Raises `Misconfigured` (`issuer_mismatch`) when it speaks for another issuer, and `ProviderUnavailable`
    when it lacks what a sign-in needs.
    """
    # Discovery 4.3: identical to the issuer that the document was fetched for; no normalisation.
    if document.get("issuer") != issuer:
        raise Misconfigured("issuer_mismatch", reason="discovery names another issuer than LOGTO_ISSUER")
    algorithms = document.get("id_token_signing_alg_values_supported")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_endpoint(document, "authorization_endpoint", issuer, required=True),
        token_endpoint=_endpoint(document, "token_endpoint", issuer, required=True),
        jwks_uri=_endpoint(document, "jwks_uri", issuer, required=True),
        end_session_endpoint=_endpoint(document, "end_session_endpoint", issuer),
        revocation_endpoint=_endpoint(document, "revocation_endpoint", issuer),
        userinfo_endpoint=_endpoint(document, "userinfo_endpoint", issuer),
        pushed_authorization_request_endpoint=_endpoint(
            document, "pushed_authorization_request_endpoint", issuer
        ),
        id_token_signing_alg_values_supported=(
            tuple(map(str, algorithms)) if isinstance(algorithms, list) else ()
        ),
        authorization_response_iss_parameter_supported=(
            document.get("authorization_response_iss_parameter_supported") is True
        ),
    )


def _endpoint(document: Mapping[str, Any], name: str, issuer: str, *, required: bool = False) -> str:
    value = document.get(name)
    if value is None and not required:
        return ""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        parts = None
    # An issuer on https must not send client secret and code over plain http (RFC 6749 3.2).
    schemes = {"https"} if issuer.startswith("https:") else {"https", "http"}
    if parts is None or parts.scheme not in schemes or not parts.hostname:
        raise ProviderUnavailable("metadata_invalid", reason=f"discovery: {name} is not a usable URL")
    return str(value)
