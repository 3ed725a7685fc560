"""Sessions: begin one, and tell whose one is.

The cookie holds the user's partition and a random secret; the table holds the secret's SHA-256. A copy of
the table therefore gives nobody a session, and what is in it of tokens and profile is encrypted.
"""

import hashlib
import json
import re
from typing import Any, Literal, NamedTuple

from passerelle import audit, log, metrics
from passerelle.errors import StoreUnavailable
from passerelle.kept import Kept
from passerelle.keys import Keyring, SealBroken, UnknownKey, encode
from passerelle.log import discreet
from passerelle.oidc.token import Tokens
from passerelle.ports import Revocation, StoredSession
from passerelle.profile import Profile, profile_from
from passerelle.services import Services

COOKIE = "__Host-session"

AHEAD_SECONDS = 60
"""Tokens are renewed before they expire, while those who come second can still go on with the old ones."""

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
    subject: str = ""
    nonce: str = ""
    """Of the sign-in: a refreshed ID token may repeat it, and none but it."""
    auth_time: float | None = None
    """When the user proved who they are, as far as the provider told."""
    browser: str = ""
    system: str = ""


class LiveSession(NamedTuple):
    """A session that stands, and until when it does if nobody comes back."""

    handle: Handle
    session: StoredSession
    contents: Contents
    expires_at: int

    @property
    def profile(self) -> Profile:
        """Who its user is."""
        return self.contents.profile

    def is_due(self, now: float) -> bool:
        """Whether the tokens are to be renewed, as far as they can be."""
        contents = self.contents
        return bool(contents.refresh_token) and now >= contents.access_token_expires_at - AHEAD_SECONDS


def parse_cookie(value: str | None) -> Handle | None:
    """Read the session cookie; None when it is absent or not of our making."""
    match = _COOKIE_VALUE.fullmatch(value or "")
    return Handle(*match.groups()) if match else None


def partition(keyring: Keyring, issuer: str, subject: str) -> str:
    """Name the user's partition: who somebody is at Logto is issuer *and* subject (OWASP ASVS 5.0, 6.8.1)."""
    return encode(keyring.index_hash("user", json.dumps([issuer, subject]))[:16])


def sid_key(issuer: str, sid: str) -> str:
    """Name a session of the provider's; its `sid` is random, so that a plain hash gives nothing away."""
    return encode(hashlib.sha256(json.dumps([issuer, sid]).encode()).digest()[:16])


def new_session(
    services: Services,
    handle: Handle,
    claims: dict[str, Any],
    tokens: Tokens,
    device: tuple[str, str],
    now: float,
) -> StoredSession:
    """Make the session that a verified ID token begins; `device` is browser and system."""
    sid = claims.get("sid")
    contents = Contents(
        profile=profile_from(claims),
        refresh_token=tokens.refresh_token,
        access_token=tokens.access_token,
        access_token_expires_at=int(now) + tokens.expires_in,
        # It is two thirds of a session's size, and of use for the hint alone.
        id_token=tokens.unverified_id_token if services.settings.logout_id_token_hint else "",
        sid=sid if isinstance(sid, str) else None,
        subject=claims["sub"],
        nonce=claims["nonce"],
        auth_time=claims.get("auth_time"),
        browser=device[0],
        system=device[1],
    )
    return StoredSession(
        user=handle.user,
        id=handle.id,
        created_at=int(now),
        last_seen_at=int(now),
        expires_at=int(now) + services.settings.session_absolute_seconds,
        issued_at=int(claims["iat"]),
        contents=seal_contents(services, handle.user, handle.id, contents, now),
        sid=sid_key(services.settings.issuer, contents.sid) if contents.sid else "",
    )


EndCause = Literal[
    "sign_out",
    "ended_by_user",
    "ended_by_operator",
    "replaced",
    "grant_ended",
    "refresh_refused",
    "backchannel_logout",
    "user_suspended",
    "user_deleted",
    "password_reset",
]
"""Why a session ended before its time; of those whose time is up nobody is told."""


def sessions_ended(cause: EndCause, number: int = 1) -> dict[str, Any]:
    """Return the members that make a log line count sessions that ended.

    Where all of a user's end at once, by a time, nobody has counted them: that is one.
    """
    return metrics.count("SessionsEnded", number, cause=cause)


def live_session(services: Services, cookie: str | None, now: float) -> LiveSession | None:
    """Tell who this browser's user is; None when nobody is signed in. One strongly consistent read.

    Raises `StoreUnavailable`: a session that cannot be looked up is not a session that has ended.
    """
    handle = parse_cookie(cookie)
    live = look_up(services, handle, now) if handle else None
    if live is None:
        return None
    last_seen_at = _keep_alive(services, live.session, now)
    if last_seen_at is None:
        return None
    idle_end = last_seen_at + services.settings.session_idle_seconds
    return live._replace(expires_at=min(live.session.expires_at, idle_end))


def look_up(services: Services, handle: Handle, now: float) -> LiveSession | None:
    """Read a session and judge it; None when it is over."""
    session, revocation = services.store.session(handle.user, handle.id)
    if session is None or is_over(services, session, revocation, now):
        return None
    contents = open_contents(session, services.secrets.keys, now)
    if contents is None:
        return None
    idle_end = session.last_seen_at + services.settings.session_idle_seconds
    return LiveSession(handle, session, contents, min(session.expires_at, idle_end))


def is_over(services: Services, session: StoredSession, revocation: Revocation | None, now: float) -> bool:
    """Whether a session is idle, at its end, or revoked (OWASP ASVS 5.0, 7.3.1, 7.3.2, 7.4.1)."""
    if now >= session.expires_at or now >= session.last_seen_at + services.settings.session_idle_seconds:
        return True
    return revocation is not None and revocation.covers(session)


def seal_contents(services: Services, user: str, session_id: str, contents: Contents, now: float) -> str:
    """Seal what a session holds, bound to its place in the table."""
    text = json.dumps(contents, separators=(",", ":")).encode()
    return services.secrets.keys.get(now).seal(_PURPOSE, f"{user}/{session_id}", text)


def open_contents(session: StoredSession, keys: Kept[Keyring], now: float) -> Contents | None:
    """Unseal a session's contents; None when no key of ours opens them."""
    contents = _open(session, keys.get(now))
    if isinstance(contents, UnknownKey) and (newer := keys.again(now)):
        contents = _open(session, newer)
    if isinstance(contents, Contents):
        return contents
    told = audit.entry("refused", who=session.user)
    log.error("session_unreadable", kind=type(contents).__name__, session=session.id, **told)
    return None


def _open(session: StoredSession, keyring: Keyring) -> Contents | SealBroken:
    try:
        text = keyring.open(_PURPOSE, f"{session.user}/{session.id}", session.contents)
        return Contents(*json.loads(text))
    except SealBroken as error:
        return error
    except TypeError:
        # Sealed by another release, whose sessions have other members: this one has to begin anew.
        return SealBroken()


def _keep_alive(services: Services, session: StoredSession, now: float) -> int | None:
    """Note now and then that the session is in use; None when it was ended in this very moment."""
    idle_seconds = services.settings.session_idle_seconds
    if now - session.last_seen_at < min(services.settings.session_touch_seconds, idle_seconds // 4):
        return session.last_seen_at
    delete_after = min(session.expires_at, int(now) + idle_seconds)
    try:
        is_live = services.store.touch_session(session.user, session.id, int(now), delete_after)
    except StoreUnavailable:
        # The read a moment ago was good; the next request writes it.
        return session.last_seen_at
    return int(now) if is_live else None
