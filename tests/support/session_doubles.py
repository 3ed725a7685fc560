"""Doubles of `Store` and `Revocations`, which the contract suite holds to their promises, and a queue's."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from passerelle.errors import StoreUnavailable
from passerelle.ports import Outcome, Revocation, StoredSession


class MemoryTable:
    """What both doubles share: one lock, and what lies in the table."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.marks: dict[str, Outcome | None] = {}
        self.sessions: dict[tuple[str, str], StoredSession] = {}
        self.revocations: dict[str, Revocation] = {}
        self.sids: dict[str, str] = {}
        self.ended_sids: set[str] = set()
        self.used: set[str] = set()


class MemoryStore:
    """Keeps the promises of `Store` with one lock."""

    def __init__(self, table: MemoryTable | None = None) -> None:
        self.table = table or MemoryTable()
        self.calls: Counter[str] = Counter()

    @property
    def sessions_by_key(self) -> dict[tuple[str, str], StoredSession]:
        return self.table.sessions

    def mark_attempt(self, attempt: str, expires_at: int) -> bool:
        with self._called("mark_attempt"):
            taken = attempt in self.table.marks
            self.table.marks.setdefault(attempt, None)
            return not taken

    def attempt_outcome(self, attempt: str) -> Outcome | None:
        with self._called("attempt_outcome"):
            return self.table.marks.get(attempt)

    def finish_attempt(self, attempt: str, session: StoredSession, replaces: tuple[str, str] | None) -> bool:
        with self._called("finish_attempt"):
            revocation = self.table.revocations.get(session.user)
            if session.sid in self.table.ended_sids or (revocation and revocation.covers(session)):
                return False
            key = session.user, session.id
            if key in self.table.sessions or attempt not in self.table.marks or self.table.marks[attempt]:
                raise StoreUnavailable(reason="a condition does not hold")
            self.table.marks[attempt] = Outcome(user=session.user, session=session.id)
            self.table.sessions[key] = session
            if session.sid:
                self.table.sids[session.sid] = session.user
            if replaces:
                self.table.sessions.pop(replaces, None)
            return True

    def fail_attempt(self, attempt: str, error: str, status: int) -> None:
        with self._called("fail_attempt"):
            if attempt in self.table.marks and self.table.marks[attempt] is None:
                self.table.marks[attempt] = Outcome(error=error, status=status)

    def session(self, user: str, session_id: str) -> tuple[StoredSession | None, Revocation | None]:
        with self._called("session"):
            return self.table.sessions.get((user, session_id)), self.table.revocations.get(user)

    def sessions(self, user: str) -> tuple[list[StoredSession], Revocation | None]:
        with self._called("sessions"):
            found = [session for (owner, _), session in self.table.sessions.items() if owner == user]
            return found, self.table.revocations.get(user)

    def lease_session(self, session: StoredSession, holder: str, now: float, until: float) -> bool:
        with self._called("lease_session"):
            key = session.user, session.id
            found = self.table.sessions.get(key)
            if not found or found.generation != session.generation or found.lease_until > now:
                return False
            self.table.sessions[key] = found._replace(lease_holder=holder, lease_until=until)
            return True

    def renew_session(self, session: StoredSession, holder: str, contents: str) -> bool:
        with self._called("renew_session"):
            key = session.user, session.id
            found = self.table.sessions.get(key)
            if not found or found.generation != session.generation or found.lease_holder != holder:
                return False
            self.table.sessions[key] = found._replace(
                contents=contents, generation=found.generation + 1, lease_holder="", lease_until=0
            )
            return True

    def release_session(self, session: StoredSession, holder: str, until: float) -> None:
        with self._called("release_session"):
            key = session.user, session.id
            found = self.table.sessions.get(key)
            if found and found.lease_holder == holder:
                self.table.sessions[key] = found._replace(lease_holder="", lease_until=until)

    def touch_session(self, user: str, session_id: str, seen_at: int, delete_after: int) -> bool:
        with self._called("touch_session"):
            session = self.table.sessions.get((user, session_id))
            if session:
                self.table.sessions[user, session_id] = session._replace(last_seen_at=seen_at)
            return session is not None

    def end_session(self, user: str, session_id: str, ended_at: int) -> StoredSession | None:
        with self._called("end_session"):
            return self.table.sessions.pop((user, session_id), None)

    def _called(self, verb: str) -> threading.Lock:
        self.calls[verb] += 1
        return self.table.lock


class MemoryRevocations:
    """Keeps the promises of `Revocations` with the same lock; fails while `failure` is set."""

    def __init__(self, table: MemoryTable | None = None) -> None:
        self.table = table or MemoryTable()
        self.failure: Exception | None = None

    def revoke(self, user: str, before: int, delete_after: int, *, spared: str = "") -> None:
        with self._called():
            standing = self.table.revocations.get(user, Revocation())
            if spared and standing.others_before < before:
                standing = standing._replace(others_before=before, spared=spared)
            elif not spared:
                standing = standing._replace(before=max(standing.before, before))
            self.table.revocations[user] = standing

    def end_sid(self, sid: str, delete_after: int) -> str:
        with self._called():
            self.table.ended_sids.add(sid)
            return self.table.sids.get(sid, "")

    def is_marked(self, mark: str) -> bool:
        with self._called():
            return mark in self.table.used

    def mark(self, mark: str, delete_after: int) -> bool:
        with self._called():
            is_new = mark not in self.table.used
            self.table.used.add(mark)
            return is_new

    def _called(self) -> threading.Lock:
        if self.failure:
            raise self.failure
        return self.table.lock


class MemoryQueue:
    """An `EventQueue` to look into; fails while `failure` is set."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.failure: Exception | None = None

    def put(self, event: Mapping[str, Any]) -> None:
        if self.failure:
            raise self.failure
        self.events.append(event)
