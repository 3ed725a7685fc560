"""What is fetched once and kept: secrets, metadata, signing keys.

However many callers wait, there is one fetch. A copy outlives its time when it cannot be renewed, since a
request that could succeed shall not fail for a document that rarely changes. A failure is remembered for a
moment, so that an outage elsewhere does not become a wait in every request here.
"""

from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from threading import Lock, Thread
from typing import Generic, Protocol, TypeVar

from passerelle import log
from passerelle.errors import Misconfigured, Unavailable

AGAIN_SECONDS = 30
FAILURE_SECONDS = 3

Value = TypeVar("Value")


class Source(Protocol):
    """Something that is fetched when it is asked for the first time."""

    @property
    def is_known(self) -> bool:
        """Whether it was fetched before."""

    def get(self, now: float) -> object:
        """Return it."""


def fetch_ahead(now: float, *sources: Source) -> None:
    """Begin to fetch, side by side, what a cold function is going to need; warm ones go on at once.

    Nothing is returned and nothing raised: whoever needs a value asks its source, which waits for the fetch
    that is under way, or tells how it failed.
    """
    for source in sources:
        if not source.is_known:
            run = copy_context().run  # for the correlation id of what is logged
            Thread(target=run, args=(_fetch, source, now), name="fetch-ahead", daemon=True).start()


def _fetch(source: Source, now: float) -> None:
    with suppress(Unavailable, Misconfigured):
        source.get(now)


class Kept(Generic[Value]):
    """One value, fetched by `fetch`, good for `seconds`. `name` is for the log."""

    def __init__(self, name: str, seconds: float, fetch: Callable[[], Value]) -> None:
        self._name, self._seconds, self._fetch = name, seconds, fetch
        self._lock = Lock()
        self._value: Value | None = None
        self._failure: Unavailable | Misconfigured | None = None
        self._due_at = self._tried_at = self._asked_at = float("-inf")

    @property
    def is_known(self) -> bool:
        """Whether it was fetched before."""
        return self._value is not None

    @property
    def tried_at(self) -> float:
        """When it was fetched last, or tried to be."""
        return self._tried_at

    def get(self, now: float) -> Value:
        """Return the value; raises `Unavailable` or `Misconfigured`, as `fetch` did, while there is none."""
        with self._lock:
            if now >= self._due_at:
                self._renew(now)
            return self._known()

    def again(self, now: float) -> Value | None:
        """Fetch again because of what a caller sent; None when that was done a moment ago.

        At most once in 30 seconds, since a stranger may have made it up. A fetch that came by itself counts
        only when it failed: what is rotated right after it would be refused else, and some senders do not
        come twice.
        """
        with self._lock:
            if self._tried_at < now:
                last = self._tried_at if self._failure else self._asked_at
                if now - last < AGAIN_SECONDS:
                    return None
                self._asked_at = now
                self._renew(now)
            return self._known()

    def refused(self, value: Value, now: float) -> Value | None:
        """Fetch again because the other side refused `value`; None when there is no newer one.

        Not limited in frequency: whoever is refused now would be refused for nothing while a newer value lies
        there.
        """
        with self._lock:
            if self._value == value:
                self._renew(now)
            return self._value if self._value != value else None

    def refetch(self, now: float) -> Value:
        """Fetch again in any case, and raise what that raises."""
        with self._lock:
            self._renew(now, or_raise=True)
            return self._known()

    def forget(self) -> None:
        """Be as if nothing had been fetched."""
        with self._lock:
            self._value = self._failure = None
            self._due_at = self._tried_at = self._asked_at = float("-inf")

    def _renew(self, now: float, *, or_raise: bool = False) -> None:
        self._tried_at = now
        try:
            self._value, self._failure = self._fetch(), None
            self._due_at = now + self._seconds
        except (Unavailable, Misconfigured) as error:
            self._failure = error
            self._due_at = now + (FAILURE_SECONDS if self._value is None else AGAIN_SECONDS)
            report = log.error if self._value is None else log.warning
            report("not_renewed", what=self._name, code=error.code, reason=error.reason)
            if or_raise:
                raise

    def _known(self) -> Value:
        if self._value is not None:
            return self._value
        assert self._failure is not None
        # A new one each time: an exception that is raised again grows by a traceback, and carries a `retry`.
        raise type(self._failure)(self._failure.code, reason=self._failure.reason)
