"""Tells a page of this machine from one of elsewhere that wants to use what answers here."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_local(host: str) -> bool:
    """Tell whether a `Host` is local by definition, so that no page elsewhere has taken it.

    Such a page could otherwise point its own name at this machine, and would count as the same origin.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or name.endswith(".localhost") or ip_address(name).is_private
    except ValueError:
        return False


def is_foreign(origin: str | None, host: str) -> bool:
    """Tell whether an `Origin` is another one than the host's own; programs send none."""
    return origin is not None and origin.partition("://")[2] != host
