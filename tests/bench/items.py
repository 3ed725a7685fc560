"""What the real code leaves in the table, how big it is, and what it takes of DynamoDB's capacity."""

import math
from typing import NamedTuple

from tests.bench.prices import (
    GB,
    ITEM_OVERHEAD_BYTES,
    MILLION,
    RECOVERY_GB_MONTH,
    REPLACING_SHARE,
    SECONDS_A_DAY,
    TABLE_GB_MONTH,
    TTL_DELAY_DAYS,
    USED_AGAIN_SHARE,
    Rates,
)

TTL_DELAY = TTL_DELAY_DAYS * SECONDS_A_DAY


class Measured(NamedTuple):
    """Bytes of what the real code wrote."""

    session: int
    mark: int
    finished_mark: int
    revocation: int
    message: int
    settled_message: int
    counter: int
    event: int
    lines: dict[str, int]
    """Of each function's own log lines, and of a renewal's, with what CloudWatch adds to every event."""
    access_line: int
    """Of the access log, likewise."""
    lifetimes: dict[str, int]
    """Seconds until the `ttl` of an item."""

    def size_of(self, what: str) -> int:
        """Size of an item, by the name of its lifetime."""
        sizes = {
            "marks": self.finished_mark,
            "messages": self.settled_message,
            "events": self.event,
            "counts": self.counter,
        }
        return sizes.get(what, self.session)

    def of_messages(self) -> list[tuple[int, int]]:
        """Size and lifetime of what one message leaves."""
        kept = self.lifetimes
        return [
            (self.settled_message, kept["messages"]),
            (self.event, kept["events"]),
            (self.counter, kept["counts"]),
            (self.counter, kept["counts"]),
        ]

    def stored_seconds(self) -> float:
        """How long a session lies in the table, until DynamoDB sweeps it."""
        once, again = (self.lifetimes[f"sessions used {how}"] for how in ("once", "again"))
        return USED_AGAIN_SHARE * again + (1 - USED_AGAIN_SHARE) * once + TTL_DELAY_DAYS * SECONDS_A_DAY


def write_units(size: int) -> int:
    """Units of one write; a transaction costs twice that."""
    return math.ceil(size / 1024)


def read_units(size: int) -> int:
    """Units of one strongly consistent read; an item that is not there costs one."""
    return max(1, math.ceil(size / 4096))


def units(measured: Measured) -> dict[str, tuple[float, float]]:
    """Read and write units of each operation."""
    session, mark = write_units(measured.session), write_units(measured.mark)
    finished = write_units(measured.finished_mark)
    return {
        "mark": (0, mark),
        # The look at the revocation, the session, the mark, and now and then the session that it replaces.
        "finish": (
            0,
            2 * (write_units(measured.revocation) + session + finished + REPLACING_SHARE * session),
        ),
        "check": (read_units(measured.session) + read_units(measured.revocation), 0),
        "touch": (0, session),
        "end": (0, session),
        "renew": (0, 2 * session),  # the lease, and the result
        # A message, the look at its address, and the counters of address and client.
        "claim": (0, 2 * (write_units(measured.message) + 1 + 2 * write_units(measured.counter))),
        "settle": (0, write_units(measured.settled_message)),
        "look": (read_units(measured.settled_message), 0),
        "note": (0, 2 * (write_units(measured.event) + write_units(measured.settled_message))),
    }


def storage_rows(rates: Rates, measured: Measured) -> list[dict[str, str | float]]:
    """What lies in the table when deletions keep pace with writes, and what of it only waits for deletion."""
    delay = TTL_DELAY_DAYS * SECONDS_A_DAY
    rows: list[dict[str, str | float]] = []
    for what, seconds in measured.lifetimes.items():
        size = measured.size_of(what) + ITEM_OVERHEAD_BYTES
        gigabytes = rates.sign_ins * (seconds + delay) * size / GB
        price = gigabytes * (TABLE_GB_MONTH + RECOVERY_GB_MONTH)
        rows.append(
            {
                "all items being": what,
                "ttl after hours": seconds / 3600,
                "million items": rates.sign_ins * (seconds + delay) / MILLION,
                "of them overdue": rates.sign_ins * delay / MILLION,
                "GB": gigabytes,
                "$ a month": price,
            }
        )
    return rows
