"""Sign out: here, and at Logto (OpenID Connect RP-Initiated Logout 1.0; RFC 7009)."""

import hmac
import json
from typing import NamedTuple
from urllib.parse import urlencode

from passerelle import audit, log
from passerelle.errors import Misconfigured, PasserelleError, Unavailable
from passerelle.kept import Kept, fetch_ahead
from passerelle.keys import Keyring, SealBroken, random_value
from passerelle.log import discreet
from passerelle.oidc.authorization import single_parameters
from passerelle.oidc.metadata import Metadata
from passerelle.revocation import revoke_tokens
from passerelle.services import Services
from passerelle.sessions import Contents, open_contents, parse_cookie, sessions_ended

STATE_COOKIE = "__Host-passerelle-logout"
STATE_SECONDS = 600

_PURPOSE = "logout"


@discreet
class SignedOut(NamedTuple):
    """What comes after: the way to Logto's own sign-out, and whether Logto could be reached.

    `location` is empty when Logto has no such endpoint or could not be asked for it.
    """

    location: str
    state_cookie: str
    provider_reached: bool


def sign_out(services: Services, cookie: str | None, base_url: str, now: float) -> SignedOut:
    """End the session of this browser, revoke its tokens, and say where the browser signs out at Logto.

    Raises `StoreUnavailable` when the session could not be ended; nobody is told then that they are signed
    out. A fault of Logto does not hold anybody back.
    """
    fetch_ahead(now, services.discovery.document, services.secrets.client)
    keyring = services.secrets.keys.get(now)  # before anything is ended, since what follows needs it
    contents = _end_session(services, cookie, now)
    try:
        return _leave_provider(services, keyring, contents, base_url, now)
    except (Unavailable, Misconfigured) as error:
        log.warning("provider_not_left", code=error.code, reason=error.reason)
        return SignedOut("", "", provider_reached=False)


def is_return_expected(query: str, cookie: str | None, keys: Kept[Keyring], now: float) -> bool:
    """Whether the browser comes back from the sign-out that it was sent to (RP-Initiated Logout 1.0, 3).

    Never raises: by now the user is signed out, and a page that breaks would say the opposite.
    """
    try:
        state = single_parameters(query).get("state", "")
        sent, sent_at = json.loads(keys.get(now).open(_PURPOSE, STATE_COOKIE, cookie or ""))
    except (PasserelleError, SealBroken) as error:
        log.warning("sign_out_not_confirmed", cause=type(error).__name__)
        return False
    return hmac.compare_digest(state.encode(), sent.encode()) and 0 <= now - sent_at < STATE_SECONDS


def _end_session(services: Services, cookie: str | None, now: float) -> Contents | None:
    handle = parse_cookie(cookie)
    session = services.store.end_session(handle.user, handle.id, int(now)) if handle else None
    if handle is None or session is None:
        return None
    counted = sessions_ended("sign_out")
    audit.note("session_ended", "ended", who=handle.user, session=handle.id, counted=counted)
    return open_contents(session, services.secrets.keys, now)


def _leave_provider(
    services: Services, keyring: Keyring, contents: Contents | None, base_url: str, now: float
) -> SignedOut:
    metadata = services.discovery.metadata(now)
    revoked = revoke_tokens(services, contents, now) if contents else True
    if not metadata.end_session_endpoint:
        return SignedOut("", "", provider_reached=revoked)
    state = random_value()
    location = _end_session_url(services, metadata, contents, state, base_url, now)
    sealed = keyring.seal(_PURPOSE, STATE_COOKIE, json.dumps([state, int(now)]).encode())
    return SignedOut(location, sealed, provider_reached=revoked)


def _end_session_url(
    services: Services, metadata: Metadata, contents: Contents | None, state: str, base_url: str, now: float
) -> str:
    request = {
        "client_id": services.secrets.client.get(now).client_id,
        "post_logout_redirect_uri": f"{base_url}/logged-out",
        "state": state,
    }
    if services.settings.logout_id_token_hint and contents and contents.id_token:
        request["id_token_hint"] = contents.id_token
    separator = "&" if "?" in metadata.end_session_endpoint else "?"
    return f"{metadata.end_session_endpoint}{separator}{urlencode(request)}"
