"""What the checks may reach for. Nothing here is kept from one run to the next: a copy would look healthy."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from passerelle.ports import Clock
from passerelle.settings import Settings


class Seen(NamedTuple):
    """What a service answered; header names compare regardless of case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON object that came; an empty one when it was none."""
        try:
            value = json.loads(self.text)
        except (ValueError, RecursionError):
            value = None
        return value if isinstance(value, dict) else {}


class Unanswered(Exception):  # noqa: N818
    """No answer within a few seconds; its text names the cause."""


class Web(Protocol):
    """HTTP to Logto and Mailgun. Redirects are not followed; raises `Unanswered`."""

    def get(self, url: str, user: str = "", password: str = "") -> Seen:
        """Fetch, with HTTP Basic where a user is given."""

    def post(self, url: str, form: Mapping[str, str], user: str, password: str) -> Seen:
        """Post a form."""


class DatedSecrets(Protocol):
    """Secrets Manager; raises `Misconfigured` or `SecretsUnavailable`."""

    def read_dated(self, secret_id: str) -> tuple[str, float]:
        """Read the current version, and when it was made (seconds since the epoch)."""


class HealthTable(Protocol):
    """The table; all raise `StoreUnavailable`, whose reason is the error's code at AWS."""

    def time_to_live(self) -> str:
        """Return the state of TTL, such as `ENABLED`."""

    def write(self, now: float, delete_after: int) -> None:
        """Write one small item on a condition; it is the same one each time."""

    def counts(self, keys: Sequence[str], windows: Sequence[int]) -> Mapping[str, int]:
        """Return the sums of counters over some hours; those that nobody moved are 0."""


class Instruments(NamedTuple):
    """The settings, and what looks at the world outside."""

    settings: Settings
    base_url: str
    """Where the browser finds us; empty when that is not known."""
    web: Web
    secrets: DatedSecrets
    table: HealthTable
    clock: Clock
