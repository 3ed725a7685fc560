"""Token endpoint: request and response (RFC 6749 4.1.3, 5; OpenID Connect Core 1.0, 3.1.3)."""

from typing import Any, NamedTuple

from passerelle.errors import Misconfigured, ProviderUnavailable, SignInRefused
from passerelle.log import discreet
from passerelle.ports import Reply


@discreet
class Tokens(NamedTuple):
    """A judged token response; the ID token in it is not verified yet."""

    access_token: str
    unverified_id_token: str
    refresh_token: str
    expires_in: int


def code_exchange(code: str, redirect_uri: str, verifier: str) -> dict[str, str]:
    """Build the form that exchanges a code (RFC 6749 4.1.3, RFC 7636 4.5)."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }


def refresh_request(refresh_token: str) -> dict[str, str]:
    """Build the form that renews tokens (RFC 6749 6)."""
    return {"grant_type": "refresh_token", "refresh_token": refresh_token}


def is_client_refused(reply: Reply) -> bool:
    """Whether the provider does not accept our client id or secret: they may have been rotated."""
    if reply.status not in {400, 401}:
        return False
    # Logto's words for a secret of its own that has expired, for which the standard has `invalid_client`.
    is_expired = (reply.body or {}).get("error_description") == "client secret has expired"
    return _error(reply) == "invalid_client" or is_expired


def checked_tokens(reply: Reply) -> Tokens:
    """Judge the answer to a code exchange.

    Raises `SignInRefused` (`code_refused`) when the code is used, old or not ours, `Misconfigured` when our
    registration is at fault, and `ProviderUnavailable` when the answer is none of the standard's.
    """
    if reply.status >= 500 or reply.status == 429:
        raise ProviderUnavailable(reason=f"the token endpoint answered {reply.status}")
    if reply.status != 200:
        raise _refusal(reply)
    body = reply.body or {}
    # RFC 6749 5.1: the token type is case-insensitive; Core 3.1.3.3: it must be Bearer.
    if str(body.get("token_type", "")).lower() != "bearer" or not body.get("access_token"):
        raise SignInRefused("token_response_invalid", reason="no access token of type Bearer")
    if not isinstance(body.get("id_token"), str):
        raise SignInRefused("id_token_missing", reason="the token response has no ID token")
    return Tokens(
        access_token=str(body["access_token"]),
        unverified_id_token=body["id_token"],
        refresh_token=str(body.get("refresh_token") or ""),
        expires_in=_seconds(body.get("expires_in")),
    )


def checked_userinfo(reply: Reply, subject: str) -> dict[str, Any]:
    """Judge the answer of the userinfo endpoint (OpenID Connect Core 1.0, 5.3.2 and 5.3.4).

    Raises `SignInRefused` when it speaks of another user, and `ProviderUnavailable` when it says nothing.
    """
    if reply.status != 200 or reply.body is None:
        raise ProviderUnavailable(reason=f"the userinfo endpoint answered {reply.status}, or no JSON object")
    if reply.body.get("sub") != subject:
        raise SignInRefused("userinfo_subject_mismatch", reason="sub is not the ID token's")
    return dict(reply.body)


class GrantEnded(SignInRefused):
    """The refresh token is not accepted any more: revoked, replaced, or its user may not sign in."""

    code = "grant_ended"


def refreshed_tokens(reply: Reply) -> Tokens:
    """Judge the answer to a refresh (RFC 6749 6, OpenID Connect Core 1.0, 12.2).

    An ID token and a new refresh token may be there or not. Raises `GrantEnded`, `Misconfigured` when our
    registration is at fault, and `ProviderUnavailable` for every other answer.
    """
    if reply.status != 200:
        if _error(reply) == "invalid_grant" and reply.status < 500:
            raise GrantEnded(reason="the refresh token is not accepted")
        raise _refusal(reply)
    body = reply.body or {}
    if str(body.get("token_type", "")).lower() != "bearer" or not body.get("access_token"):
        raise ProviderUnavailable(reason="the answer to a refresh has no access token of type Bearer")
    return Tokens(
        access_token=str(body["access_token"]),
        unverified_id_token=str(body.get("id_token") or ""),
        refresh_token=str(body.get("refresh_token") or ""),
        expires_in=_seconds(body.get("expires_in")),
    )


def _refusal(reply: Reply) -> SignInRefused | Misconfigured | ProviderUnavailable:
    error = _error(reply)
    if error == "invalid_grant":
        return SignInRefused("code_refused", reason="the code is used, expired, or not ours")
    if is_client_refused(reply) or error == "unauthorized_client":
        return Misconfigured("client_refused", reason="Logto does not accept our client id and secret")
    return ProviderUnavailable(reason=f"the token endpoint answered {reply.status}")


def _error(reply: Reply) -> str:
    return str((reply.body or {}).get("error", ""))


def _seconds(value: Any) -> int:
    # RFC 6749 5.1 lets it be left out; an hour is what Logto says.
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 3600
