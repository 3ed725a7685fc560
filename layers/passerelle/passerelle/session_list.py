"""A user's sessions: see them, end one, end all (OWASP ASVS 5.0, 7.4.3, 7.5.2)."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from passerelle import audit, log
from passerelle.errors import NotFound
from passerelle.ports import StoredSession
from passerelle.revocation import revoke_tokens
from passerelle.services import Services
from passerelle.sessions import Contents, EndCause, is_over, open_contents, sessions_ended
from passerelle.times import timestamp

REVOKING_SECONDS = 15.0
"""How long tokens are revoked at Logto, one session after the other; what is left dies of old age there."""


class Listed(NamedTuple):
    """One of a user's live sessions."""

    session: StoredSession
    contents: Contents

    def as_json(self, current: str) -> dict[str, Any]:
        """Show it to its user."""
        return {
            "id": self.session.id,
            "created_at": timestamp(self.session.created_at),
            "last_seen_at": timestamp(self.session.last_seen_at),
            "browser": self.contents.browser,
            "system": self.contents.system,
            "current": self.session.id == current,
        }


def sessions_of(services: Services, user: str, now: float) -> list[Listed]:
    """List the live sessions of a user, the one seen last on top."""
    stored, revocation = services.store.sessions(user)
    listed = []
    for session in stored:
        contents = None if is_over(services, session, revocation, now) else _open(services, session, now)
        if contents:
            listed.append(Listed(session, contents))
    return sorted(listed, key=lambda each: each.session.last_seen_at, reverse=True)


def end_one(
    services: Services, user: str, session_id: str, now: float, cause: EndCause = "ended_by_user"
) -> None:
    """End a session of this user; raises `NotFound` when there is none of that id."""
    listed = sessions_of(services, user, now)
    chosen = [each for each in listed if each.session.id == session_id]
    if not chosen:
        raise NotFound(reason="no session of this user has that id")
    services.store.end_session(user, session_id, int(now))
    audit.note("session_ended", "ended", who=user, session=session_id, counted=sessions_ended(cause))
    _revoke(services, chosen, [each for each in listed if each not in chosen], now)


def end_all(
    services: Services, user: str, now: float, *, but: str = "", cause: EndCause = "ended_by_user"
) -> int:
    """End all sessions of a user, but for the one whose id is `but`; returns how many were listed.

    The revocation comes first and holds by itself: for a session that a sign-in begins at this very moment,
    too. What follows only cleans up.
    """
    listed = sessions_of(services, user, now)
    delete_after = int(now) + services.settings.session_absolute_seconds + 24 * 3600
    services.revocations.revoke(user, math.ceil(now), delete_after, spared=but)
    chosen = [each for each in listed if each.session.id != but]
    counted = sessions_ended(cause, len(chosen))
    audit.note("sessions_ended", "ended", who=user, counted=counted)
    for each in chosen:
        services.store.end_session(user, each.session.id, int(now))
    _revoke(services, chosen, [each for each in listed if each not in chosen], now)
    return len(chosen)


def _revoke(services: Services, chosen: Iterable[Listed], others: Iterable[Listed], now: float) -> None:
    """End sessions at Logto, too: there, one grant may carry several, which are spared then."""
    spared = {each.session.sid for each in others}
    deadline = services.clock.now() + REVOKING_SECONDS
    for each in chosen:
        if each.session.sid and each.session.sid in spared:
            continue
        if services.clock.now() < deadline:
            revoke_tokens(services, each.contents, now)
        else:
            log.warning("tokens_not_revoked", reason="there was no time left")
        if each.session.sid:
            spared.add(each.session.sid)  # one grant needs no second revocation


def _open(services: Services, session: StoredSession, now: float) -> Contents | None:
    return open_contents(session, services.secrets.keys, now)
