"""May the browser be sent there after a sign-in?"""

from collections.abc import Collection
from urllib.parse import urlsplit

from passerelle.errors import InvalidRequest

MAX_BYTES = 512


def checked_return_to(value: str | None, allowed_origins: Collection[str]) -> str:
    """Return `value` when it is a path on this site or a URL of an allowed origin; `/` when it is absent.

    Raises `InvalidRequest` (`return_to_refused`) for everything else, dot segments and `//` included.

    NOTE: do not replace this by a comparison of parsed host names. Browsers and `urlsplit` disagree about
    backslashes, control characters, missing slashes and credentials; whatever they could read in two ways is
    refused before anything is parsed, and what is left must be built of plain printable ASCII.
    """
    if not value:
        return "/"
    if len(value.encode()) > MAX_BYTES or not _is_plain(value):
        raise InvalidRequest("return_to_refused", reason="too long, or characters that a URL does not have")
    if _is_local_path(value) or _has_allowed_origin(value, allowed_origins):
        return value
    raise InvalidRequest("return_to_refused", reason="neither a path on this site nor an allowed origin")


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable() and not set(value) & set('\\ <>"^`{|}')


def _is_local_path(value: str) -> bool:
    path = value.partition("#")[0].partition("?")[0]
    # Browsers take dot segments out, encoded ones too, and go from `/.//evil.com` to the path `//evil.com`.
    segments = path.replace("%2e", ".").replace("%2E", ".") + "/"
    return path.startswith("/") and not ("//" in path or "/./" in segments or "/../" in segments)


def _has_allowed_origin(value: str, allowed_origins: Collection[str]) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    # The origin must stand at the front to the letter, so that nothing is left for two parsers to read.
    return origin in allowed_origins and (value == origin or value.startswith((origin + "/", origin + "?")))
