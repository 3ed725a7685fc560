"""Revoke tokens at Logto (RFC 7009), without which they live on when a session here has ended."""

from passerelle import log
from passerelle.client import authenticated_post
from passerelle.errors import Misconfigured, Unavailable
from passerelle.oidc.token import Tokens, is_client_refused
from passerelle.services import Services
from passerelle.sessions import Contents


def revoke_tokens(services: Services, contents: Contents | Tokens, now: float) -> bool:
    """Revoke the refresh token, and with it the grant; false when Logto did not do it.

    Logto's own sign-out spares a grant that has offline_access.
    """
    token = contents.refresh_token or contents.access_token
    hint = "refresh_token" if contents.refresh_token else "access_token"
    try:
        endpoint = services.discovery.metadata(now).revocation_endpoint
        if not token or not endpoint:
            return True
        reply = authenticated_post(services, endpoint, {"token": token, "token_type_hint": hint}, now)
    except (Unavailable, Misconfigured) as error:
        log.warning("tokens_not_revoked", code=error.code, reason=error.reason)
        return False
    if reply.status != 200:
        log.warning("tokens_not_revoked", status=reply.status)
    # 400 says that this token cannot be revoked (RFC 7009 2.2.1), which will not change; all else may, and so
    # may a 400 that is about our own secret.
    return reply.status in {200, 400} and not is_client_refused(reply)
