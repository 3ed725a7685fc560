"""Times as programs read them."""

from datetime import UTC, datetime


def timestamp(seconds: float) -> str:
    """Write seconds since the epoch in UTC (RFC 3339)."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
