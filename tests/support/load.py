"""Several environments of the functions, and people who use them all the while."""

import os
import random
import threading
import time
from collections.abc import Callable
from typing import Self

import pytest

from passerelle import runtime, secrets
from passerelle.services import Services
from passerelle.settings import read_settings

SHARES = (1, 0.7, 0.4)
"""Of the time for which secrets are kept, by environment, so that they do not all read at the same moment."""

PATIENCE_SECONDS = 60


def spread(patch: pytest.MonkeyPatch) -> None:
    """Let each request meet one of several environments, each with secrets that it has read by itself."""
    settings, longest = read_settings(os.environ), secrets.KEPT_SECONDS
    fleet: list[Services] = []
    for share in SHARES:
        patch.setattr(secrets, "KEPT_SECONDS", share * longest)
        fleet.append(runtime._services.__wrapped__(settings))
    patch.setattr(secrets, "KEPT_SECONDS", longest)
    patch.setattr(runtime, "services", lambda: random.choice(fleet))


class Load:
    """Each action is done over and over by a thread of its own; the first failure of each is kept."""

    def __init__(self, *actions: Callable[[], None]) -> None:
        self.failures: list[str] = []
        self._done = dict.fromkeys(actions, 0)
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=(action,)) for action in actions]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self.go_on()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def go_on(self, rounds: int = 3) -> None:
        """Return when every action was done several times more: none that is under way began before this."""
        aim = {action: done + rounds for action, done in self._done.items()}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(self._done[action] < aim[action] for action in aim) and not self.failures:
            assert time.monotonic() < deadline, f"done {self._done}, wanted {aim}"
            time.sleep(0.02)

    def _repeat(self, action: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            try:
                action()
            except Exception as error:
                self.failures.append(f"{action.__name__}: {type(error).__name__} {error}")
                return
            self._done[action] += 1
