"""Authorization request and response (OpenID Connect Core 1.0, 3.1.2; RFC 7636; RFC 9207)."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from passerelle.errors import InvalidRequest, SignInDeclined, SignInRefused
from passerelle.keys import encode
from passerelle.oidc.metadata import Metadata

_MAX_FIELDS = 50
_ERROR_CODE = re.compile(r"[a-z_]{1,64}")

_FIRST_SCREENS = (
    "sign_in|register|reset_password|identifier:sign_in|identifier:register|single_sign_on"  # Logto's list
)
PASSED_ON = {
    "first_screen": re.compile(_FIRST_SCREENS),
    "identifier": re.compile(r"(username|email|phone)( (username|email|phone)){0,2}"),
    "login_hint": re.compile(r"[^\x00-\x1f\x7f]{1,320}"),
    "ui_locales": re.compile(r"[A-Za-z0-9-]{1,35}( [A-Za-z0-9-]{1,35}){0,9}"),
    "direct_sign_in": re.compile(r"(social|sso):[A-Za-z0-9._-]{1,128}"),
    "organization_id": re.compile(r"[A-Za-z0-9_-]{1,128}"),
    "prompt": re.compile(r"login|consent|login consent|consent login"),
    "max_age": re.compile(r"[0-9]{1,8}"),
}
"""Parameters of `/login` that reach Logto, and what they may hold.

`prompt=none` is not among them: a session begins because somebody asked for it (OWASP ASVS 5.0, 7.6.2).
Values are checked here because Logto drops *every* extra parameter when `first_screen` is unknown to it.
"""


def single_parameters(query: str) -> dict[str, str]:
    """Parse a query string in which each parameter may come once (RFC 6749 3.1).

    Raises `InvalidRequest` when one comes twice: two readers could then see two different values.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise InvalidRequest(reason="unreadable query string") from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise InvalidRequest("duplicate_parameter", reason="a parameter comes more than once")
    return parameters


def checked_extras(parameters: Mapping[str, str]) -> dict[str, str]:
    """Pick the parameters that are passed on; raises `InvalidRequest` for a value Logto would not take."""
    extras = {name: parameters[name] for name in PASSED_ON if parameters.get(name)}
    for name, value in extras.items():
        if not PASSED_ON[name].fullmatch(value):
            raise InvalidRequest("parameter_refused", reason=f"{name} holds a value that is not accepted")
    return extras


def authorization_request(
    *,
    client_id: str,
    redirect_uri: str,
    scopes: Sequence[str],
    state: str,
    nonce: str,
    verifier: str,
    extras: Mapping[str, str],
) -> dict[str, str]:
    """Build the parameters of an authorization request (Core 3.1.2.1) with PKCE S256 (RFC 7636 4.3)."""
    prompt = extras.get("prompt", "").split()
    # Core 11: offline_access is ignored without consent; Logto then drops the scope in silence.
    if "offline_access" in scopes and "consent" not in prompt:
        prompt.append("consent")
    request = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": " ".join(scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": encode(hashlib.sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
        **extras,
    }
    return request | ({"prompt": " ".join(prompt)} if prompt else {})


def authorization_code(parameters: Mapping[str, str], *, state: str, metadata: Metadata) -> str:
    """Judge an authorization response and return its code (Core 3.1.2.5, RFC 6749 4.1.2, RFC 9207 2.4).

    `state` is the value that this browser was sent away with. Raises `SignInRefused` or, for an error
    response of the provider that this attempt was sent to, `SignInDeclined` with the provider's code.
    """
    if not hmac.compare_digest(parameters.get("state", "").encode(), state.encode()):
        raise SignInRefused("state_mismatch", reason="state is not this browser's")
    issuer = parameters.get("iss")
    if issuer is None and metadata.authorization_response_iss_parameter_supported:
        raise SignInRefused("issuer_missing", reason="the authorization response has no iss")
    if issuer is not None and issuer != metadata.issuer:
        raise SignInRefused("issuer_mismatch", reason="the authorization response is another issuer's")
    if "error" in parameters:
        raise _declined(parameters["error"])
    if not parameters.get("code"):
        raise SignInRefused("code_missing", reason="the authorization response has neither code nor error")
    return parameters["code"]


def _declined(error: str) -> SignInDeclined:
    known = error if _ERROR_CODE.fullmatch(error) else "unknown_error"
    remedy = _REMEDIES.get(known, "Logto could not finish the sign-in. Please try again.")
    # Of the others there is no list, and the browser may have made them up.
    said = known if known in _REMEDIES else "another error"
    return SignInDeclined(known, reason=f"Logto says {said}", remedy=remedy)


_REMEDIES = {
    "access_denied": "The sign-in was cancelled or not allowed. You can try again.",
    "login_required": "Logto asks you to sign in again.",
    "consent_required": "Logto asks for your consent. Please sign in again.",
    "interaction_required": "Logto has a question for you. Please sign in again.",
    "temporarily_unavailable": "Logto is busy. Please try again in a moment.",
    "server_error": "Logto had a fault of its own. Please try again in a moment.",
}
"""What people are told, by the codes of RFC 6749 4.1.2.1 and Core 3.1.2.6."""
