"""The steps of a rotation of encryption keys, on the secret that holds them.

    generated at deployment    {"key"}
    a key was added            {"keys": [{"kid": "new", "added"}, {"kid": "0"}], "index"}
    it was made the last       {"keys": [{"kid": "0", "needed_until"}, {"kid": "new", "added"}], "index"}
    the older was dropped      {"keys": [{"kid": "new", "added"}], "index"}

The last key seals, all open. Functions read `kid` and `key` only: the times are for whoever goes on, perhaps
another day on another machine. The index key never changes, since hashes are looked up again.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from passerelle.keys import FIRST_KID, parse_keyring, random_value
from passerelle.times import timestamp

Secret = Mapping[str, Any]
Entry = dict[str, Any]


def entries_of(secret: Secret) -> list[Entry]:
    """Return the keys, the one that seals last; raises `Misconfigured`."""
    parse_keyring(secret)
    return [dict(entry) for entry in secret.get("keys", [{"kid": FIRST_KID, "key": secret.get("key")}])]


def waiting_key(secret: Secret) -> Entry | None:
    """Return the key that was added and does not seal yet."""
    found = [each for each in entries_of(secret)[:-1] if "added" in each and "needed_until" not in each]
    return found[-1] if found else None


def with_key_added(secret: Secret, now: float) -> Secret:
    """Add a key that opens, and does not seal yet."""
    *older, last = entries_of(secret)
    new = {"kid": secrets.token_hex(4), "key": random_value(), "added": timestamp(int(now))}
    return _with_keys(secret, [*older, new, last])


def with_key_promoted(secret: Secret, kid: str, needed_until: float) -> Secret:
    """Let the added key seal; the others are needed until a time, unless one is known for them already."""
    entries = entries_of(secret)
    others = [
        {"needed_until": timestamp(int(needed_until)), **each} for each in entries if each["kid"] != kid
    ]
    return _with_keys(secret, [*others, *(each for each in entries if each["kid"] == kid)])


def without_old_keys(secret: Secret, now: float) -> Secret:
    """Drop the keys that nothing needs any more: never the one that seals."""
    *older, last = entries_of(secret)
    return _with_keys(secret, [*(each for each in older if not _is_over(each, now)), last])


def state_of(secret: Secret, entry: Entry) -> str:
    """Say what a key does."""
    if entry["kid"] == entries_of(secret)[-1]["kid"]:
        return "seals"
    if "needed_until" in entry:
        return f"opens, needed until {entry['needed_until']}"
    return f"opens, added {entry['added']}, to seal next" if "added" in entry else "opens"


def seconds_of(time: str) -> float:
    """Read a time of these."""
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


def _is_over(entry: Entry, now: float) -> bool:
    return "needed_until" in entry and seconds_of(entry["needed_until"]) <= now


def _with_keys(secret: Secret, entries: list[Entry]) -> Secret:
    index = secret["index"] if "keys" in secret else secret["key"]
    rest = {name: value for name, value in secret.items() if name not in {"key", "keys", "index"}}
    return {**rest, "keys": entries, "index": index}
