"""Whether messages come with the address of whoever asked Logto for them, as `/send-otp` has seen it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from passerelle.blocks import window_of
from passerelle.errors import StoreUnavailable
from passerelle.health.facts import Facts
from passerelle.health.findings import Finding, Found
from passerelle.otp.clients import NONE, ONE, SEVERAL
from passerelle.settings import is_near


def clients(facts: Facts) -> Iterator[Finding]:
    """Judge what the environments of `/send-otp` have noted in this hour and the one before."""
    hour = window_of(facts.instruments.clock.now())
    try:
        counted = facts.instruments.table.counts((SEVERAL, ONE, NONE), (hour - 1, hour))
    except StoreUnavailable:
        raise Found("table", "table_unavailable") from None
    if counted[SEVERAL]:
        return
    if not counted[ONE] and not counted[NONE]:
        yield Finding("client_addresses_unseen")
    elif is_near(urlsplit(facts.instruments.base_url).hostname or ""):
        yield Finding("client_addresses_unseen")  # on one machine there is nobody to tell apart
    else:
        yield Finding("client_addresses_shared" if counted[ONE] else "client_addresses_missing")
