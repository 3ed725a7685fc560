"""Sessions: begin one, and tell whose one is.

The cookie holds the user's partition and a random secret; the table holds the secret's SHA-256. A copy of
the table therefore gives nobody a session, and what is in it of tokens and profile is encrypted.
"""

import hashlib
import json
import re
from typing import Any, NamedTuple

from passerelle import log
from passerelle.errors import StoreUnavailable
from passerelle.kept import Kept
from passerelle.keys import Keyring, SealBroken, UnknownKey, encode
from passerelle.log import discreet
from passerelle.oidc.token import Tokens
from passerelle.ports import StoredSession
from passerelle.profile import Profile, profile_from
from passerelle.services import Services

COOKIE = "__Host-session"

TOUCH_SECONDS = 300
"""How far `last_seen_at` may lag behind, so that most checks of a session write nothing.

Never more than a quarter of the idle lifetime.
"""

_COOKIE_VALUE = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")
_PURPOSE = "session"


@discreet
class Handle(NamedTuple):
    """What the cookie says: which session, and the proof that it is this browser's."""

    user: str
    secret: str

    @property
    def id(self) -> str:
        """Key of the session in the table."""
        return encode(hashlib.sha256(self.secret.encode()).digest())

    @property
    def cookie_value(self) -> str:
        """Value of the session cookie."""
        return f"{self.user}.{self.secret}"


@discreet
class Contents(NamedTuple):
    """What is sealed in a session. Tokens never leave it for the browser."""

    profile: Profile
    refresh_token: str
    access_token: str
    access_token_expires_at: int
    id_token: str
    sid: str | None


class LiveSession(NamedTuple):
    """A session that stands, and until when it does if nobody comes back."""

    handle: Handle
    profile: Profile
    expires_at: int


def parse_cookie(value: str | None) -> Handle | None:
    """Read the session cookie; None when it is absent or not of our making."""
    match = _COOKIE_VALUE.fullmatch(value or "")
    return Handle(*match.groups()) if match else None


def partition(keyring: Keyring, issuer: str, subject: str) -> str:
    """Name the user's partition: who somebody is at Logto is issuer *and* subject (OWASP ASVS 5.0, 6.8.1)."""
    return encode(keyring.index_hash("user", json.dumps([issuer, subject]))[:16])


def new_session(
    services: Services, handle: Handle, claims: dict[str, Any], tokens: Tokens, now: float
) -> StoredSession:
    """Make the session that a verified ID token begins."""
    contents = Contents(
        profile=profile_from(claims),
        refresh_token=tokens.refresh_token,
        access_token=tokens.access_token,
        access_token_expires_at=int(now) + tokens.expires_in,
        # It is two thirds of a session's size, and of use for the hint alone.
        id_token=tokens.unverified_id_token if services.settings.logout_id_token_hint else "",
        sid=claims.get("sid"),
    )
    return StoredSession(
        user=handle.user,
        id=handle.id,
        created_at=int(now),
        last_seen_at=int(now),
        expires_at=int(now) + services.settings.session_absolute_seconds,
        issued_at=int(claims["iat"]),
        contents=services.secrets.keys.get(now).seal(
            _PURPOSE, _binding(handle), json.dumps(contents, separators=(",", ":")).encode()
        ),
    )


def live_session(services: Services, cookie: str | None, now: float) -> LiveSession | None:
    """Tell who this browser's user is; None when nobody is signed in. One strongly consistent read.

    A session ends when it is idle for too long, at the end of its absolute lifetime, or when its user's
    sessions were revoked (OWASP ASVS 5.0, 7.3.1, 7.3.2, 7.4.1). Raises `StoreUnavailable`: a session that
    cannot be looked up is not a session that has ended.
    """
    handle = parse_cookie(cookie)
    if handle is None:
        return None
    session, revocation = services.store.session(handle.user, handle.id)
    idle_seconds = services.settings.session_idle_seconds
    if session is None or now >= session.expires_at or now >= session.last_seen_at + idle_seconds:
        return None
    if revocation and session.issued_at <= revocation.before and session.id != revocation.spared:
        return None
    contents = open_contents(session, handle, services.secrets.keys, now)
    last_seen_at = _keep_alive(services, session, now)
    if contents is None or last_seen_at is None:
        return None
    return LiveSession(handle, contents.profile, min(session.expires_at, last_seen_at + idle_seconds))


def open_contents(session: StoredSession, handle: Handle, keys: Kept[Keyring], now: float) -> Contents | None:
    """Unseal a session's contents; None when no key of ours opens them."""
    contents = _open(session, handle, keys.get(now))
    if isinstance(contents, UnknownKey) and (newer := keys.again(now)):
        contents = _open(session, handle, newer)
    if isinstance(contents, Contents):
        return contents
    log.error("session_unreadable", cause=type(contents).__name__)
    return None


def _open(session: StoredSession, handle: Handle, keyring: Keyring) -> Contents | SealBroken:
    try:
        return Contents(*json.loads(keyring.open(_PURPOSE, _binding(handle), session.contents)))
    except SealBroken as error:
        return error
    except TypeError:
        # Sealed by another release, whose sessions have other members: this one has to begin anew.
        return SealBroken()


def _keep_alive(services: Services, session: StoredSession, now: float) -> int | None:
    """Note now and then that the session is in use; None when it was ended in this very moment."""
    idle_seconds = services.settings.session_idle_seconds
    if now - session.last_seen_at < min(TOUCH_SECONDS, idle_seconds // 4):
        return session.last_seen_at
    delete_after = min(session.expires_at, int(now) + idle_seconds)
    try:
        is_live = services.store.touch_session(session.user, session.id, int(now), delete_after)
    except StoreUnavailable:
        # The read a moment ago was good; the next request writes it.
        return session.last_seen_at
    return int(now) if is_live else None


def _binding(handle: Handle) -> str:
    return f"{handle.user}/{handle.id}"
