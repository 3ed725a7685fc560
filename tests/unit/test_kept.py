"""What a cold function needs is fetched side by side, each thing once."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from passerelle import log
from passerelle.errors import ProviderUnavailable, Unavailable
from passerelle.kept import FAILURE_SECONDS, Kept, fetch_ahead
from tests.support.doubles import NOW

SLOW = 0.15


def slowly(fetched: Counter[str], name: str) -> Callable[[], str]:
    def fetch() -> str:
        fetched[name] += 1
        time.sleep(SLOW)
        return name

    return fetch


def test_several_things_take_the_time_of_one() -> None:
    fetched: Counter[str] = Counter()
    kept = [Kept(name, 60, slowly(fetched, name)) for name in "abcd"]
    begin = time.monotonic()
    fetch_ahead(NOW, *kept)
    assert [one.get(NOW) for one in kept] == list("abcd")
    assert time.monotonic() - begin < 2 * SLOW
    assert fetched == Counter("abcd")


def test_many_requests_wait_for_one_fetch() -> None:
    fetched: Counter[str] = Counter()
    kept = Kept("a", 60, slowly(fetched, "a"))

    def request(_: int) -> str:
        fetch_ahead(NOW, kept)
        return kept.get(NOW)

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(request, range(50))) == {"a"}
    assert fetched["a"] == 1


def test_what_is_known_starts_no_thread() -> None:
    kept = Kept("a", 60, lambda: "a")
    kept.get(NOW)
    before = threading.active_count()
    fetch_ahead(NOW, kept)
    assert threading.active_count() == before
    assert kept.get(NOW) == "a"


def test_a_fetch_that_failed_ahead_is_told_to_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: Counter[str] = Counter()

    def fail() -> str:
        fetched["a"] += 1
        raise ProviderUnavailable(reason="down")

    kept = Kept("a", 60, fail)
    fetch_ahead(NOW, kept)
    for _ in range(3):
        with pytest.raises(Unavailable, match="down"):
            kept.get(NOW)
    assert fetched["a"] == 1
    with pytest.raises(Unavailable):
        kept.get(NOW + FAILURE_SECONDS)
    assert fetched["a"] == 2


def test_what_is_fetched_ahead_is_logged_under_the_request_s_id() -> None:
    seen: list[str] = []
    done = threading.Event()

    def fetch() -> str:
        seen.append(log.correlation_id.get())
        done.set()
        return "a"

    token = log.correlation_id.set("request-1")
    try:
        fetch_ahead(NOW, Kept("a", 60, fetch))
    finally:
        log.correlation_id.reset(token)
    assert done.wait(5)
    assert seen == ["request-1"]
