"""Which addresses Logto takes: those of redirects, and any URL."""

import re
from urllib.parse import urlsplit

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_MOBILE = re.compile(r"(?!https?:)[a-z][\d+_a-z-]*(\.[\d+_a-z-]+)*:")
_WITH_HOST = {"http:", "https:", "ws:", "wss:", "ftp:"}
_NOT_IN_HOSTS = re.compile(r"[\s\x00-\x20#%/<>?@\\^|`{}]")
_DOTS = {".", "..", "%2e", "%2e%2e"}


def is_url(text: str) -> bool:
    """Tell whether a browser would read it as an absolute URL."""
    return bool(_protocol(text))


def is_redirect_uri(text: str) -> bool:
    """Tell whether it may be a redirect URI of an application on the web, or of one on a telephone."""
    return _is_of_web(text) or _MOBILE.fullmatch(_protocol(text)) is not None


def _is_of_web(text: str) -> bool:
    path = text.partition("://")[2].partition("/")[2]
    if any(segment.lower() in _DOTS for segment in re.split(r"[#?]", path)[0].split("/")):
        return False
    if "*" in text and not _may_have_wildcard(text):
        return False
    return _protocol(text.replace("*", "wildcard")) in {"http:", "https:"}


def _may_have_wildcard(text: str) -> bool:
    """Tell whether a `*` stands where Logto has one: in a name with a dot, or in the path."""
    scheme, found, rest = text.partition("://")
    before, *after = re.split(r"[?#]", rest, maxsplit=1)
    if not found or "*" in scheme or any("*" in part for part in after):
        return False
    authority = before.partition("/")[0]
    host, _, port = authority.partition(":")
    return not (
        "@" in authority or authority.startswith("[") or "*" in port or ("*" in host and "." not in host)
    )


def _protocol(text: str) -> str:
    """Return the scheme with its colon, in lower case, or nothing if it is no absolute URL."""
    scheme = _SCHEME.match(text.strip())
    if scheme is None:
        return ""
    protocol = scheme.group().lower()
    return protocol if protocol not in _WITH_HOST or _has_host(text.strip()) else ""


def _has_host(text: str) -> bool:
    try:
        # A browser takes any number of slashes there, or none.
        parts = urlsplit("//" + _SCHEME.sub("", text, count=1).lstrip("/\\"))
        host, _port = parts.hostname or "", parts.port
        return bool(host) and not _NOT_IN_HOSTS.search(host)
    except ValueError:
        return False
