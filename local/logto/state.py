"""Everything Logto remembers, in memory, and the changes that have to be atomic."""

import secrets
import string
from collections.abc import Callable
from threading import RLock
from typing import TypeVar

from local.logto.models import (
    AccessToken,
    Code,
    Credential,
    Grant,
    Interaction,
    PendingLogout,
    PushedRequest,
    RefreshToken,
    Session,
    User,
)

SESSION_LIFETIME = 14 * 86400
ROTATE_AFTER = 0.7
ROTATION_LEEWAY = 3

T = TypeVar("T", bound=Credential)


def opaque(length: int = 43) -> str:
    """Return a random value of the given number of letters and digits."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


class State:
    """The tables. One read or write of a dictionary is atomic by itself; check-then-act takes the lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.lock = RLock()
        self.users: dict[str, User] = {}
        self.sessions: dict[str, Session] = {}
        self.grants: dict[str, Grant] = {}
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Credential] = {}
        self.interactions: dict[str, Interaction] = {}
        self.pushed: dict[str, PushedRequest] = {}
        self.logouts: dict[str, PendingLogout] = {}

    def find_or_register(self, email: str) -> User:
        """Return the user with this address, a new one if there is none."""
        now = int(self.clock() * 1000)
        with self.lock:
            for user in self.users.values():
                if user.email.casefold() == email.casefold():
                    user.updated_at = user.last_sign_in_at = now
                    return user
            sub = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(12))
            return self.users.setdefault(sub, User(sub, email, now, now, last_sign_in_at=now))

    def find(self, who: str) -> User | None:
        """Return the user with this id or e-mail address."""
        named = (user for user in list(self.users.values()) if user.email.casefold() == who.casefold())
        return self.users.get(who) or next(named, None)

    def active(self, user_id: str) -> bool:
        """Tell whether there is such a user, not suspended."""
        user = self.users.get(user_id)
        return user is not None and not user.suspended

    def suspend(self, user: User, suspended: bool) -> None:
        """Suspend somebody, which ends all that they had for good, or let them in again."""
        with self.lock:
            user.suspended, user.updated_at = suspended, int(self.clock() * 1000)
            if suspended:
                self._end_everything(user.id)

    def delete(self, user: User) -> None:
        """Forget somebody."""
        with self.lock:
            self.users.pop(user.id, None)
            self._end_everything(user.id)

    def _end_everything(self, user_id: str) -> None:
        for session in [session for session in self.sessions.values() if session.user_id == user_id]:
            self.sessions.pop(session.id, None)
        for grant in self.grants.values():
            grant.revoked = grant.revoked or grant.user_id == user_id

    def session(self, cookie: str | None) -> Session | None:
        """Return the live session that a cookie names."""
        session = self.sessions.get(cookie or "")
        if session and session.expires_at > self.clock() and self.active(session.user_id):
            return session
        return None

    def sign_in(self, current: Session | None, user: User) -> Session:
        """Return the browser's session after a sign-in: the same person keeps it and so its grants."""
        now = self.clock()
        with self.lock:
            if current is None or current.user_id != user.id:
                self.sessions.pop(current.id if current else "", None)
                current = Session(opaque(), user.id, now, now)
                self.sessions[current.id] = current
            current.auth_time, current.expires_at = now, now + SESSION_LIFETIME
            return current

    def sign_out(self, session: Session) -> None:
        """End the session and revoke the grants that are not meant to outlive it."""
        with self.lock:
            self.sessions.pop(session.id, None)
            for grant in session.grants.values():
                grant.revoked = grant.revoked or not grant.survives_logout

    def grant_for(self, session: Session, client_id: str, scope: str) -> Grant:
        """Return the one grant of this session and application, widened by the scope."""
        with self.lock:
            grant = session.grants.get(client_id)
            if grant is None or grant.revoked:
                sid = session.sids.setdefault(client_id, opaque())
                grant = session.grants[client_id] = Grant(opaque(), client_id, session.user_id, sid)
                self.grants[grant.id] = grant
            grant.scopes.update(scope.split())
            return grant

    def granted(self, session: Session, client_id: str) -> set[str]:
        """Return the scopes that this session has already given this application."""
        grant = session.grants.get(client_id)
        return set() if grant is None or grant.revoked else grant.scopes

    def consume(self, code: Code) -> bool:
        """Use the code; the second use revokes all that the first one brought (RFC 6749 section 4.1.2)."""
        with self.lock:
            code.grant.revoked = code.grant.revoked or code.used
            code.used = True
            return not code.grant.revoked

    def alive(self, credential: Credential) -> bool:
        """Tell whether the credential is unexpired, unrevoked and of somebody who may sign in."""
        fresh = credential.expires_at > self.clock()
        return fresh and not credential.grant.revoked and self.active(credential.grant.user_id)

    def token(self, kind: type[T], value: str) -> T | None:
        """Return the live token of this kind and value."""
        token = self.tokens.get(value)
        return token if isinstance(token, kind) and self.alive(token) else None

    def refreshable(self, value: str) -> RefreshToken | None:
        """Return the live refresh token; a replaced one revokes its grant (RFC 9700 section 4.14)."""
        with self.lock:
            token = self.token(RefreshToken, value)
            if token and token.rotated_at is not None and self.clock() > token.rotated_at + ROTATION_LEEWAY:
                token.grant.revoked = True
                return None
            return token

    def rotates(self, token: RefreshToken, always: bool = False) -> bool:
        """Decide whether this use brings a new refresh token, and mark the old one as replaced if so."""
        with self.lock:
            lived = self.clock() - token.issued_at
            due = always or lived >= ROTATE_AFTER * (token.expires_at - token.issued_at)
            if token.rotated_at is None and due:
                token.rotated_at = self.clock()
            return token.rotated_at is not None

    def revoke(self, token: Credential) -> None:
        """Revoke an access token alone, a refresh token with its whole grant (RFC 7009 section 2.1)."""
        with self.lock:
            if isinstance(token, AccessToken):
                self.tokens.pop(token.value, None)
            else:
                token.grant.revoked = True
