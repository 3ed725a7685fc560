"""Shares of a limit are reserved in blocks, and never more than there are."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from passerelle.blocks import MAX_KEYS, Blocks, seconds_left, window_of
from passerelle.errors import StoreUnavailable

NOW = 1_800_000_000.0


class Shared:
    """The counters in the table."""

    def __init__(self) -> None:
        self.sums: Counter[tuple[str, int]] = Counter()
        self.calls = 0
        self._lock = threading.Lock()

    def reserve(self, key: str, window: int, amount: int, delete_after: int) -> int:
        assert delete_after > (window + 1) * 3600
        with self._lock:
            self.calls += 1
            self.sums[key, window] += amount
            return self.sums[key, window]


def test_a_small_limit_is_met_exactly() -> None:
    shared = Shared()
    blocks = Blocks(shared.reserve)
    assert [blocks.take("k", 3, NOW) for _ in range(6)] == [True] * 3 + [False] * 3


def test_environments_share_a_limit() -> None:
    shared = Shared()
    environments = [Blocks(shared.reserve) for _ in range(4)]
    taken = [blocks.take("k", 10, NOW) for _ in range(5) for blocks in environments]
    assert sum(taken) == 10


@pytest.mark.parametrize("maximum", [1, 7, 199, 200, 1000, 1001, 10_000])
def test_one_environment_gets_all_of_a_limit_and_no_more(maximum: int) -> None:
    shared = Shared()
    blocks = Blocks(shared.reserve)
    assert sum(blocks.take("k", maximum, NOW) for _ in range(maximum + 50)) == maximum


def test_a_large_limit_costs_one_call_for_a_block() -> None:
    shared = Shared()
    blocks = Blocks(shared.reserve)
    assert all(blocks.take("k", 10_000, NOW) for _ in range(500))
    assert shared.calls == 10


def test_a_limit_that_is_used_up_is_not_asked_for_again_in_its_hour() -> None:
    shared = Shared()
    blocks = Blocks(shared.reserve)
    for _ in range(100):
        blocks.take("k", 2, NOW)
    assert shared.calls == 3
    assert blocks.take("k", 2, NOW + 3600)


def test_many_at_once_do_not_exceed_it() -> None:
    shared = Shared()
    blocks = Blocks(shared.reserve)
    with ThreadPoolExecutor(20) as pool:
        taken = list(pool.map(lambda _: blocks.take("k", 150, NOW), range(400)))
    assert sum(taken) == 150


def test_what_is_given_back_can_be_taken_again_in_the_same_hour_only() -> None:
    blocks = Blocks(Shared().reserve)
    assert blocks.take("k", 1, NOW)
    blocks.give_back("k", NOW)
    assert blocks.take("k", 1, NOW)
    blocks.give_back("k", NOW + 3600)
    assert not blocks.take("k", 1, NOW)
    blocks.give_back("never taken", NOW)


def test_a_flood_of_keys_does_not_fill_the_memory() -> None:
    blocks = Blocks(Shared().reserve)
    for number in range(MAX_KEYS + 10):
        blocks.take(str(number), 5, NOW)
    assert len(blocks._left) <= MAX_KEYS


def test_a_counter_that_fails_says_so_and_takes_nothing() -> None:
    def fail(*_: object) -> int:
        raise StoreUnavailable

    blocks = Blocks(fail)
    with pytest.raises(StoreUnavailable):
        blocks.take("k", 5, NOW)
    with pytest.raises(StoreUnavailable):
        blocks.take("k", 5, NOW)


def test_an_hour_has_a_number_and_an_end() -> None:
    assert window_of(7199.9) == 1
    assert (seconds_left(7199.9), seconds_left(7200)) == (1, 3601)
