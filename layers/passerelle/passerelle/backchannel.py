"""Logto ends a session: `POST /backchannel-logout` (OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8)."""

import hashlib
from urllib.parse import parse_qsl

from passerelle import audit, log
from passerelle.discovery import Keys
from passerelle.endings import end_or_keep, ending
from passerelle.errors import InvalidRequest, StoreUnavailable
from passerelle.identity import judge_foreign_token
from passerelle.kept import fetch_ahead
from passerelle.keys import encode
from passerelle.oidc.jws import TokenRefused
from passerelle.oidc.logout_token import LEEWAY_SECONDS, LogoutToken, verified_logout_token
from passerelle.oidc.metadata import Metadata
from passerelle.services import Services
from passerelle.sessions import partition, sid_key

MAX_BODY_BYTES = 32 * 1024

told = audit.refused_call("logout_token_refused")


def log_out(services: Services, body: bytes, now: float) -> None:
    """Believe a logout token and end what it names, durably, also when that is over already.

    Raises `InvalidRequest` and `TokenRefused` for what is no such token, or one that was taken before, and
    `Unavailable` when Logto's keys cannot be had, or nothing can be stored.
    """
    fetch_ahead(now, services.discovery, services.secrets.client, services.secrets.keys)
    token = _verified(services, _logout_token(body), now)
    mark = encode(hashlib.sha256(f"jti:{token.jti}".encode()).digest())
    if _is_marked(services, mark):
        raise TokenRefused("logout_token_replayed", reason="jti was taken before")  # 2.6, step 8
    issuer = services.settings.issuer
    keyring = services.secrets.keys.get(now)
    what = ending(
        user=partition(keyring, issuer, token.subject) if token.subject else "",
        sid=sid_key(issuer, token.sid) if token.sid else "",
        at=token.issued_at,
        cause="backchannel_logout",
    )
    end_or_keep(services, what, now)
    _mark(services, mark, int(token.expires_at) + 2 * LEEWAY_SECONDS)  # after its effect, and never before


def _logout_token(body: bytes) -> str:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=50)
    except ValueError as error:
        raise InvalidRequest(reason="the body is not a form") from error
    tokens = [value for name, value in pairs if name == "logout_token"]  # others are ignored: 2.5
    if len(tokens) != 1 or not tokens[0]:
        raise InvalidRequest("logout_token_missing", reason="not exactly one logout_token")
    return tokens[0]


def _verified(services: Services, token: str, now: float) -> LogoutToken:
    client_id = services.secrets.client.get(now).client_id

    def judge(metadata: Metadata, keys: Keys, algorithms: tuple[str, ...]) -> LogoutToken:
        return verified_logout_token(
            token,
            keys,
            issuer=metadata.issuer,
            client_id=client_id,
            algorithms=algorithms,
            typ_required=services.settings.logout_token_typ_required,
            now=now,
        )

    return judge_foreign_token(services, judge, now)


def _is_marked(services: Services, mark: str) -> bool:
    try:
        return services.revocations.is_marked(mark)
    except StoreUnavailable:
        return False  # carrying out the same event twice does no harm; losing it would


def _mark(services: Services, mark: str, delete_after: int) -> None:
    try:
        services.revocations.mark(mark, delete_after)
    except StoreUnavailable as error:
        log.warning("logout_token_not_marked", reason=error.reason)
