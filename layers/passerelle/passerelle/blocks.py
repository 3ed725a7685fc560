"""Shares of an hour's limit, reserved from a shared counter a block at a time.

A counter that every message adds to would be one hot key. An environment therefore takes half a hundredth of
the limit at once and counts it down by itself. What it does not use is lost to the others until the hour
ends, so that the limit is met early rather than late.
"""

from collections.abc import Callable
from threading import Lock

WINDOW_SECONDS = 3600
BLOCKS_IN_A_LIMIT = 200
MAX_KEYS = 10_000

Reserve = Callable[[str, int, int, int], int]
"""Adds an amount to the counter of a key in a window, and returns the sum."""


def window_of(now: float) -> int:
    """Return the number of the hour."""
    return int(now // WINDOW_SECONDS)


def seconds_left(now: float) -> int:
    """Return how long the hour still lasts, at least a second."""
    return int((window_of(now) + 1) * WINDOW_SECONDS - now) + 1


class Blocks:
    """What this environment has reserved."""

    def __init__(self, reserve: Reserve) -> None:
        self._reserve = reserve
        self._lock = Lock()
        self._window = 0
        self._left: dict[str, int] = {}

    def take(self, key: str, maximum: int, now: float) -> bool:
        """Count one, within `maximum` an hour; false when there is nothing left of it.

        Raises what the counter raises when it has to be asked.
        """
        with self._lock:
            self._turn_to(window_of(now))
            if key not in self._left or self._left[key] == 0:
                self._left[key] = self._new_block(key, maximum)
            if self._left[key] < 0:
                return False
            self._left[key] -= 1
            return True

    def give_back(self, key: str, now: float) -> None:
        """Take back a count that was for nothing."""
        with self._lock:
            if self._window == window_of(now) and self._left.get(key, -1) >= 0:
                self._left[key] += 1

    def _turn_to(self, window: int) -> None:
        if window != self._window or len(self._left) >= MAX_KEYS:
            self._window, self._left = window, {}

    def _new_block(self, key: str, maximum: int) -> int:
        """Return the size of the block, or -1 when the limit is used up: not asked again in this hour."""
        block = max(1, maximum // BLOCKS_IN_A_LIMIT)
        after = (self._window + 2) * WINDOW_SECONDS
        taken_before = self._reserve(key, self._window, block, after) - block
        left = min(block, maximum - taken_before)
        return left if left > 0 else -1
