"""Wait until every environment of the functions has read a secret that was changed."""

import sys
import time

from cli.terminal import steer
from passerelle import secrets

MARGIN_SECONDS = 60
"""For requests that are under way, and for clocks that differ."""

_SHOWN_EVERY = 15


def spread_seconds() -> int:
    """Return how long after a change some environment may still hold what was there before."""
    return secrets.KEPT_SECONDS + MARGIN_SECONDS


def wait_until(when: float, what: str) -> None:
    """Wait, and show how long; when the operator stops it, say that the same command goes on."""
    try:
        while (left := when - time.time()) > 0:
            shown = (
                f"\r\033[K{what}: {left:.0f} s left "
                if sys.stderr.isatty()
                else f"{what}: {left:.0f} s left\n"
            )
            steer(shown)
            time.sleep(min(left, 1 if sys.stderr.isatty() else _SHOWN_EVERY))
    except KeyboardInterrupt:
        print("\nStopped. Nothing is lost: run the same command again to go on.", file=sys.stderr)
        raise
    if sys.stderr.isatty():
        steer("\r\033[K")
