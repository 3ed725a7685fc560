"""A sign-in in progress: one encrypted cookie per attempt, and nothing in the table.

So a flood of `/login` costs no write, and two tabs that sign in at once do not overwrite each other.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from passerelle.errors import AttemptLost
from passerelle.kept import Kept
from passerelle.keys import Keyring, SealBroken, UnknownKey, encode
from passerelle.log import discreet

LIFETIME_SECONDS = 600
MAX_ATTEMPTS = 5

COOKIE_PREFIX = "__Host-passerelle-login-"
_COOKIE_NAME = re.compile(COOKIE_PREFIX + "[0-9a-f]{16}")
_PURPOSE = "attempt"


@discreet
class Attempt(NamedTuple):
    """What the browser carries, sealed, while its user is away at Logto."""

    state: str
    nonce: str
    verifier: str
    session_secret: str
    """Secret of the session to come, so that a request that lost the race can set the same cookie."""
    return_to: str
    started_at: int
    max_age: int | None
    asks_login: bool = False
    """Whether the user had to prove anew who they are (`prompt=login`)."""

    def bound_to(self, code: str) -> "Attempt":
        """Make the session's secret depend on the code that came back.

        Whoever has the attempt's cookie alone, because it was planted or copied, cannot work out the cookie
        of the session that the attempt led to: that takes the code, which was in the right browser only.
        """
        secret = hmac.digest(self.session_secret.encode(), code.encode(), "sha256")
        return self._replace(session_secret=encode(secret))

    @property
    def cookie(self) -> str:
        """Name of the attempt's cookie."""
        return _cookie(self.state)

    @property
    def fingerprint(self) -> str:
        """Key of the attempt's mark; `state` is random, so that a plain hash gives nothing away."""
        return encode(hashlib.sha256(self.state.encode()).digest())


def seal_attempt(attempt: Attempt, keyring: Keyring) -> str:
    """Return the cookie's value."""
    return keyring.seal(_PURPOSE, attempt.cookie, json.dumps(attempt, separators=(",", ":")).encode())


def find_attempt(state: str, cookies: Mapping[str, str], keys: Kept[Keyring], now: float) -> Attempt:
    """Find the attempt that this browser began with `state`.

    Raises `AttemptLost`: `attempt_unknown` when the browser holds none (cookies off, another browser, an
    attempt finished already) and `attempt_expired` after ten minutes.
    """
    name = _cookie(state)
    sealed = cookies.get(name, "")
    attempt = _open(name, sealed, keys.get(now))
    if sealed and isinstance(attempt, UnknownKey) and (newer := keys.again(now)):
        attempt = _open(name, sealed, newer)
    if not isinstance(attempt, Attempt) or not hmac.compare_digest(attempt.state.encode(), state.encode()):
        raise AttemptLost(reason="no cookie of this browser goes with this state")
    if not 0 <= now - attempt.started_at < LIFETIME_SECONDS:
        raise AttemptLost("attempt_expired", reason="more than ten minutes have passed")
    return attempt


def surplus_cookies(cookies: Mapping[str, str], keyring: Keyring) -> Iterable[str]:
    """Name the oldest attempt cookies, so that with one more there are five at most."""
    names = [name for name in cookies if _COOKIE_NAME.fullmatch(name)]

    def started_at(name: str) -> int:
        attempt = _open(name, cookies[name], keyring)
        return attempt.started_at if isinstance(attempt, Attempt) else 0

    return sorted(names, key=started_at)[: max(0, len(names) - MAX_ATTEMPTS + 1)]


def _cookie(state: str) -> str:
    return COOKIE_PREFIX + hashlib.sha256(state.encode()).hexdigest()[:16]


def _open(name: str, sealed: str, keyring: Keyring) -> Attempt | SealBroken:
    try:
        return Attempt(*json.loads(keyring.open(_PURPOSE, name, sealed)))
    except SealBroken as error:
        return error
    except TypeError:
        # Sealed by another release, whose attempts have other members.
        return SealBroken()
