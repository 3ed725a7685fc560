"""One request and its whole answer, within limits: what is ill, or is somebody else, may send for ever.

httpx limits each wait, and neither all of them together nor what comes.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any

import httpx

SECONDS = 60.0
MAX_BYTES = 8 << 20


def bounded(client: httpx.Client, method: str, url: str, **content: Any) -> httpx.Response:
    """Send a request; raises what httpx raises, also for an answer that takes too long or is too large."""
    done: Future[httpx.Response] = Future()
    # One that nobody has to wait for, since a wait for data cannot be broken off.
    Thread(target=_settle, args=(done, lambda: _whole(client, method, url, content)), daemon=True).start()
    try:
        return done.result(SECONDS)
    except TimeoutError:
        raise httpx.ReadTimeout(f"no whole answer in {SECONDS:.0f} s") from None


def _settle(done: Future[httpx.Response], ask: Callable[[], httpx.Response]) -> None:
    try:
        done.set_result(ask())
    except BaseException as error:  # whatever it is, it belongs to whoever waits
        done.set_exception(error)


def _whole(client: httpx.Client, method: str, url: str, content: dict[str, Any]) -> httpx.Response:
    body = bytearray()
    with client.stream(method, url, **content) as answer:
        for chunk in answer.iter_bytes(1 << 16):
            body += chunk
            if len(body) > MAX_BYTES:
                raise httpx.DecodingError(f"more than {MAX_BYTES >> 20} MB")
        kept = {"content-type": answer.headers.get("content-type", "")}
        return httpx.Response(answer.status_code, headers=kept, content=bytes(body), request=answer.request)
