"""Whether Logto tells its clients apart: what this environment has seen of it in an hour.

A Logto behind a proxy that it does not trust names the proxy for everybody. When that has a public address,
the limit for one client becomes one for all; when not, or when none is named, there is no such limit. Both
look like peace from the outside. So an environment notes, at most three times an hour, what it has seen: a
count without any address, hashed or not.
"""

from collections.abc import Callable
from threading import Lock

from passerelle.blocks import WINDOW_SECONDS, window_of

MANY = 10
"""Addresses of mail that were written to in an hour, from which on one client looks like too few."""

SEVERAL, ONE, NONE = "clients#several", "clients#one", "clients#none"
"""Counters of environments: which have seen two clients, one only, or none that is named."""

Note = Callable[[str, int, int, int], int]
"""Adds an amount to the counter of a key in a window."""


class Clients:
    """What this environment has seen in the current hour."""

    def __init__(self, note: Note) -> None:
        self._note, self._lock = note, Lock()
        self._window = 0
        self._networks: set[str] = set()
        self._addresses: set[str] = set()
        self._noted: set[str] = set()

    def see(self, network: str | None, address: str, now: float) -> None:
        """Take note of a message that was sent: for whom Logto asked, and to whom (a keyed hash).

        Raises what the counter raises.
        """
        with self._lock:
            self._turn_to(window_of(now))
            if len(self._addresses) < MANY:
                self._addresses.add(address)
            if network and len(self._networks) < 2:
                self._networks.add(network)
            key = self._known()
            if not key or key in self._noted:
                return
            self._noted.add(key)
        self._note(key, window_of(now), 1, (window_of(now) + 3) * WINDOW_SECONDS)

    def _known(self) -> str:
        if len(self._networks) > 1:
            return SEVERAL
        if len(self._addresses) < MANY:
            return ""
        return ONE if self._networks else NONE

    def _turn_to(self, window: int) -> None:
        if window != self._window:
            self._window = window
            self._networks, self._addresses, self._noted = set(), set(), set()
