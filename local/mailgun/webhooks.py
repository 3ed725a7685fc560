"""Webhooks on their way out, tried again as the real Mailgun does."""

import heapq
import json
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from threading import Condition, Thread
from time import monotonic
from typing import NamedTuple

import httpx

from local.mailgun.events import Json
from local.mailgun.mailbox import KEPT
from local.trust import authorities

MINUTE = 60.0
HOUR = 60 * MINUTE
RETRY_DELAYS = (10 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR)

ACCEPTED, REJECTED = 200, 406
TIMEOUT = 10
STOPS_WITHIN = 1


class Webhook(NamedTuple):
    """A body and where to post it."""

    url: str
    body: Json


class Posted(NamedTuple):
    """One attempt; the status is `None` if there was no answer."""

    body: Json
    status: int | None


class _Attempt(NamedTuple):
    due: float
    number: int
    webhook: Webhook
    delays: Sequence[float]


class Webhooks:
    """Posts webhooks from a thread of its own, one after the other, until it is closed."""

    def __init__(self, delays: Sequence[float] = RETRY_DELAYS) -> None:
        self._delays = delays
        self._changed = Condition()
        self._numbers = count()
        self._queue: list[_Attempt] = []
        self._posted: deque[Posted] = deque(maxlen=KEPT)
        self._unfinished = 0
        self._closed = False
        self._thread: Thread | None = None

    def posted(self) -> list[Posted]:
        """Every attempt so far, oldest first."""
        with self._changed:
            return list(self._posted)

    def hold(self, webhooks: Sequence[tuple[float, Webhook]]) -> Callable[[], None]:
        """Take webhooks, each with the seconds it is to wait from when the result is called.

        They count as pending already.
        """
        with self._changed:
            self._unfinished += len(webhooks)

        def release() -> None:
            with self._changed:
                for delay, webhook in webhooks:
                    self._push(webhook, delay, self._retries(webhook))

        return release

    def settle(self, timeout: float) -> None:
        """Wait until nothing is pending, retries included; raises `TimeoutError` if that takes too long."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._closed or not self._unfinished, timeout):
                raise TimeoutError(f"{self._unfinished} webhooks pending after {timeout} s")

    def close(self) -> None:
        """Forget what is pending and stop. An attempt that is being made gets a moment to end."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread:
            thread.join(STOPS_WITHIN)

    def _retries(self, webhook: Webhook) -> Sequence[float]:
        return () if webhook.body["event-data"]["event"] == "delivered" else self._delays

    def _push(self, webhook: Webhook, delay: float, delays: Sequence[float]) -> None:
        if self._closed:
            return
        heapq.heappush(self._queue, _Attempt(monotonic() + delay, next(self._numbers), webhook, delays))
        if self._thread is None:
            self._thread = Thread(target=self._run, name="mailgun-webhooks", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        with httpx.Client(timeout=TIMEOUT, trust_env=False, verify=authorities()) as client:
            while attempt := self._next():
                self._finish(attempt, _post(client, attempt.webhook))

    def _next(self) -> _Attempt | None:
        with self._changed:
            while not self._closed:
                wait = self._queue[0].due - monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._queue)
                self._changed.wait(wait)
        return None

    def _finish(self, attempt: _Attempt, status: int | None) -> None:
        with self._changed:
            self._posted.append(Posted(attempt.webhook.body, status))
            if status not in (ACCEPTED, REJECTED) and attempt.delays:
                delay, *later = attempt.delays
                self._push(attempt.webhook, delay, later)
                return
            self._unfinished -= 1
            self._changed.notify_all()


def _post(client: httpx.Client, webhook: Webhook) -> int | None:
    try:
        # Plain ASCII, whatever a sender's variables hold.
        content, headers = json.dumps(webhook.body), {"content-type": "application/json"}
        return client.post(webhook.url, content=content, headers=headers).status_code
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
