"""Which translation a reader gets (RFC 4647 3.4, lookup)."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
"""What a language tag looks like (RFC 5646 2.1)."""

_MAX_RANGES = 20


def wanted_languages(payload: Mapping[str, Any]) -> list[str]:
    """Name the languages of a message's reader, the most wanted first.

    `locale` is what Logto settled on, `uiLocales` what the sign-in asked for, a list with spaces (OpenID
    Connect Core 1.0, 3.1.2.1).
    """
    texts = [payload.get(name) for name in ("locale", "uiLocales")]
    ranges = [word for text in texts if isinstance(text, str) for word in text.split()]
    return [word for word in ranges if TAG.fullmatch(word)][:_MAX_RANGES]


def lookup(wanted: list[str], offered: Collection[str]) -> str | None:
    """Find the tag that is offered for the first of the wanted ranges that has one; regardless of case."""
    by_name = {tag.lower(): tag for tag in offered}
    return next((by_name[range_] for word in wanted for range_ in _widened(word) if range_ in by_name), None)


def _widened(tag: str) -> Iterator[str]:
    """A range, and what is left of it as subtags are cut off its end."""
    parts = tag.lower().split("-")
    while parts:
        yield "-".join(parts)
        parts.pop()
        if parts and len(parts[-1]) == 1:  # the letter that begins an extension says nothing without it
            parts.pop()
