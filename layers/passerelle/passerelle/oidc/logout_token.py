"""Logout token validation (OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6), every step of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from passerelle.log import discreet
from passerelle.oidc.jws import Keys, TokenRefused, signed_claims, time_of

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY_SECONDS = 60
MAX_AGE_SECONDS = 600


@discreet
class LogoutToken(NamedTuple):
    """Whose sessions, or which one, the provider has ended."""

    subject: str
    sid: str
    issued_at: float
    expires_at: float
    jti: str


def verified_logout_token(
    token: str,
    keys: Keys,
    *,
    issuer: str,
    client_id: str,
    algorithms: tuple[str, ...],
    typ_required: bool,
    now: float,
) -> LogoutToken:
    """Verify a logout token; raises `KeyNotFound` when newer keys may help, and `TokenRefused`."""
    types = ("logout+jwt",) if typ_required else ("logout+jwt", "")
    claims = signed_claims(token, keys, algorithms, types)  # steps 1 to 3
    _check_parties(claims, issuer, client_id)
    issued_at, expires_at = _checked_times(claims, now)
    subject, sid = _text(claims, "sub"), _text(claims, "sid")
    if not subject and not sid:  # step 5
        raise TokenRefused("logout_token_aimless", reason="neither sub nor sid")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):  # step 6
        raise TokenRefused("logout_token_event_missing", reason="events does not name a logout")
    if "nonce" in claims:  # step 7: what has a nonce may be an ID token
        raise TokenRefused("logout_token_nonce", reason="nonce is there")
    jti = _text(claims, "jti")
    if not jti:  # 2.4
        raise TokenRefused("logout_token_invalid", reason="jti is missing")
    return LogoutToken(subject, sid, issued_at, expires_at, jti)


def _check_parties(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:  # step 4
        raise TokenRefused("logout_token_issuer_mismatch", reason="iss is another issuer")
    if claims.get("aud") not in (client_id, [client_id]):
        raise TokenRefused("logout_token_audience_mismatch", reason="aud is not exactly this client")


def _checked_times(claims: Mapping[str, Any], now: float) -> tuple[float, float]:
    issued_at, expires_at = time_of(claims, "iat"), time_of(claims, "exp")
    if now >= expires_at + LEEWAY_SECONDS:
        raise TokenRefused("logout_token_expired", reason="exp has passed")
    if not now - MAX_AGE_SECONDS <= issued_at <= now + LEEWAY_SECONDS:
        raise TokenRefused("logout_token_issued_at_invalid", reason="iat is too far from now")
    return issued_at, expires_at


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > 255:
        raise TokenRefused("logout_token_invalid", reason=f"{name} is not a text of its kind")
    return value
