"""The addresses that get no more mail: those that bounced, and those whose owner complained."""

from email.utils import formatdate
from threading import Lock
from typing import NamedTuple, get_args

from local.mailgun.outcomes import Outcome, Suppressed


class Suppression(NamedTuple):
    """An address on a list; only bounces have a code and an error."""

    address: str
    created_at: float
    code: str = ""
    error: str = ""

    def as_json(self) -> dict[str, str]:
        """The entry as the API tells it."""
        bounce = {"code": self.code, "error": self.error} if self.code else {}
        return {"address": self.address, **bounce, "created_at": formatdate(self.created_at, usegmt=True)}


class Suppressions:
    """Both lists; threads may share them. Addresses differ by more than case."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lists: dict[Suppressed, dict[str, Suppression]] = {kind: {} for kind in get_args(Suppressed)}

    def learn(self, address: str, outcome: Outcome, at: float) -> None:
        """Suppress an address from now on, if that is what follows from the outcome."""
        if outcome.event == "complained":
            self.add("complaints", address, at)
        elif outcome.reason == "bounce":
            self.add("bounces", address, at, str(outcome.code), outcome.message)

    def add(self, kind: Suppressed, address: str, at: float, code: str = "", error: str = "") -> None:
        """Put an address on a list; an older entry gives way."""
        with self._lock:
            self._lists[kind][address.lower()] = Suppression(address.lower(), at, code, error)

    def get(self, kind: Suppressed, address: str) -> Suppression | None:
        """The entry of an address on one list."""
        with self._lock:
            return self._lists[kind].get(address.lower())

    def remove(self, kind: Suppressed, address: str) -> Suppression | None:
        """Take an address off a list; returns its entry if it was there."""
        with self._lock:
            return self._lists[kind].pop(address.lower(), None)

    def all(self, kind: Suppressed) -> list[Suppression]:
        """A whole list, by address."""
        with self._lock:
            return sorted(self._lists[kind].values())

    def list_of(self, address: str) -> Suppressed | None:
        """The list that an address is on; bounces go first."""
        return next((kind for kind in get_args(Suppressed) if self.get(kind, address)), None)
