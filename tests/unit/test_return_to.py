"""After a sign-in the browser goes to this site or to an allowed origin, whatever the link said."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from passerelle.errors import InvalidRequest
from passerelle.return_to import MAX_BYTES, checked_return_to

ALLOWED = ("https://front.example", "http://localhost:5173")
SITE = "https://app.example"

ATTACKS = [
    "//evil.example", "///evil.example", "////evil.example", "//evil.example/%2f..", "//evil.example//",
    "//app.example@evil.example", "//evil.example:443/", "//[::1]/", "//0x7f000001", "//evil%E3%80%82example",
    "/\\evil.example", "\\/evil.example", "\\\\evil.example", "\\evil.example", "/\\/evil.example",
    "//\\evil.example", "/\\\\evil.example", "https:/\\evil.example", "https:\\\\evil.example",
    "/\t/evil.example", "\t//evil.example", "/\n/evil.example", "/\r\n/evil.example", " //evil.example",
    "//evil.example ", "/ /evil.example", "\x00//evil.example", "/\x00/evil.example", "/\x0b/evil.example",
    "/\x85/evil.example", "/\u00a0/evil.example", "\ufeff//evil.example", "/\x7f/evil.example",
    "/x\r\nset-cookie: a=b", "/x\nlocation: https://evil.example", "/x\u2028y",
    "https:evil.example", "https:/evil.example", "https://evil.example", "https:///evil.example",
    "HTTPS://evil.example", "http:evil.example", "http://front.example", "ftp://front.example/",
    "https://front.example.evil.example/", "https://front.example@evil.example/",
    "https://front.example:x@evil.example/", "https://evil.example#front.example",
    "https://evil.example?https://front.example/", "https://evil.example/https://front.example/",
    "https://front.example:8443/", "https://front.example:443/", "https://front.examplé/",
    "https://front.example.",
    "https://frontXexample/", "https://front.example\\@evil.example/",
    "https://front.example\t@evil.example/",
    "https://front.example%2f@evil.example/", "https://front.example%40evil.example/",
    "https://front.example;@evil.example", "https://front.example#@evil.example", "https://FRONT.example/",
    "https://front.example,evil.example/", "https://user@front.example/", "https://:@front.example/",
    "https://@front.example/", "http://localhost:51730/", "http://localhost:5173@evil.example/",
    "http://localhost:5173.evil.example/", "https://evil。example", "//evil。example", "https://ｅvil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)",
    "javascript://front.example/%0aalert(1)",
    "data:text/html,x", "vbscript:x", "blob:https://front.example/x", "about:blank", "file:///etc/passwd",
    "view-source:https://front.example", "intent://evil.example#Intent;end", "://evil.example", ":", "?x",
    "#x",
    "evil.example", "www.evil.example/", ".", "..", "./x", "../x", "@evil.example", "%2f%2fevil.example",
    "%68ttps://evil.example", "/%\x0d%\x0a", "/<script>", '/"x', "/`x", "/{x}", "/|x", "/^x", "/x y", "/é",
    "https://front.example/\\evil", "https://front.example/ x", "https://[::1", "https://[front.example]/",
    "https://front.example\u2044evil", "/" + "a" * MAX_BYTES,
    # A browser takes dot segments out, percent-encoded ones too, and what is left may begin with two slashes.
    "/.//evil.example", "/..//evil.example", "/x/..//evil.example", "/x/../..//evil.example",
    "/x//evil.example", "/%2e//evil.example", "/%2E%2e//evil.example", "/.%2e//evil.example",
    "/%2E.//evil.example", "/x//",
    "/./x", "/../x", "/x/./y", "/x/../y", "/x/%2e/y", "/x/%2e%2E/y", "/.", "/..", "/x/.", "/x/..", "/x/%2e",
    "/x/%2E%2e", "/.?x", "/..#x", "/x/..?u=/", "/x/.#y", "/x//?y", "/x//#y",
]  # fmt: skip


@pytest.mark.parametrize("value", ATTACKS)
def test_refuses_what_could_leave_the_site(value: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        checked_return_to(value, ALLOWED)
    assert refusal.value.code == "return_to_refused"
    assert len(value) < 4 or value not in str(refusal.value)


@pytest.mark.parametrize(
    "value",
    [
        "/", "/x", "/x/y?z=1&a=b#c", "/%2f%2fevil.example", "/%5cevil.example", "/%0d%0a",
        "/@evil.example",
        "/x?u=https://evil.example", "/:x", "/;x", "/~ada", "/x?a='b'(c)*!$,", "/[x]",
        "/a/b.html", "/.well-known/x", "/a/..b", "/a/b..", "/...", "/a/.../b", "/%2e%2e%2e", "/%252e%252e/x",
        "/a/", "/a?u=//b", "/a?u=/../b", "/?.", "/?//", "/#//x", "/a#/../b", "/a?b#//", "/a?/./..",
        "https://front.example", "https://front.example/", "https://front.example/x?y#z",
        "https://front.example?x",
        "http://localhost:5173/x", "/" + "a" * (MAX_BYTES - 1),
    ],
)  # fmt: skip
def test_lets_pass_what_stays(value: str) -> None:
    assert checked_return_to(value, ALLOWED) == value


@pytest.mark.parametrize("value", [None, ""])
def test_goes_home_when_nothing_was_asked_for(value: str | None) -> None:
    assert checked_return_to(value, ALLOWED) == "/"


def test_allows_no_other_origin_when_none_is_listed() -> None:
    with pytest.raises(InvalidRequest):
        checked_return_to("https://front.example/", ())


PIECES = st.sampled_from(
    ["/", "//", "\\", "https:", "http:", "https://", "front.example", "localhost:5173", "app.example", "@",
     ":",
     "evil.example", ".", "..", "?", "#", "%2f", "%5c", "%09", "\t", "\n", "\r", " ", "\x00", ";",
     "javascript:", "[", "%2e", "%2E",
     "]", "e", "。", "ﬀ", "data:"]
)  # fmt: skip
VALUES = st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=40), st.text("/\\.:@?#ab\t "))


@given(VALUES)
@example("/.//evil.example")
@example("/%2e.//evil.example")
@example("https://front.example?//evil.example")
def test_whatever_is_accepted_stays_for_python_and_for_browsers(value: str) -> None:
    try:
        accepted = checked_return_to(value, ALLOWED)
    except InvalidRequest:
        return
    parts = urlsplit(urljoin(SITE + "/", accepted))
    assert f"{parts.scheme}://{parts.netloc}" in {SITE, *ALLOWED}
    assert browser_origin(accepted) in {SITE, *ALLOWED}
    assert not accepted.startswith("/") or not browser_path(accepted).startswith("//")
    assert accepted.isascii()
    assert not any(character in accepted for character in "\r\n\t\0 ")


def browser_origin(value: str) -> str:
    """Where the WHATWG URL standard's parser goes from SITE, as far as the origin is concerned."""
    value = value.strip("".join(map(chr, range(0x21))))
    value = "".join(character for character in value if character not in "\t\n\r").replace("\\", "/")
    head, colon, rest = value.partition(":")
    scheme = head.lower()
    if colon and scheme[:1].isalpha() and all(c.isalnum() or c in "+-." for c in scheme):
        if scheme not in {"http", "https"}:
            return f"{scheme}:"  # not hierarchical for our purposes: certainly another origin
        if scheme == "https" and not rest.startswith("//"):
            # Special, same scheme as the base: relative when no slashes follow (scheme state, step 2.6).
            return SITE if not rest.startswith("/") else _authority(scheme, rest)
        return _authority(scheme, rest)
    return _authority("https", value) if value.startswith("//") else SITE


def browser_path(value: str) -> str:
    """What the same parser makes of a path on this site (path state, with its dot segments)."""
    path: list[str] = []
    segments = re.split("[?#]", value)[0].split("/")[1:]
    for number, segment in enumerate(segments, start=1):
        dots = re.sub("%2e", ".", segment, flags=re.IGNORECASE)
        path = path[:-1] if dots == ".." else path
        if dots not in {".", ".."}:
            path.append(segment)
        elif number == len(segments):
            path.append("")
    return "/" + "/".join(path)


def _authority(scheme: str, rest: str) -> str:
    authority = rest.lstrip("/")  # special authority ignore slashes state
    for end in "/?#":
        authority = authority.partition(end)[0]
    return f"{scheme}://{authority.rpartition('@')[2].lower()}"
