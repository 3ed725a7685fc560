"""Commands quote Logto, Mailgun and AWS; a terminal is to show such words, and not to obey them."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters but for line break and tab, those that turn the direction, and lone surrogates."""


def plain(text: str) -> str:
    """Return a text that moves no cursor, hides nothing, and fits into one that goes on."""
    return _COMMANDS.sub(lambda found: ascii(found[0])[1:-1], text)


def in_one_line(text: str) -> str:
    """Return a foreign text that cannot pass for a line of our own."""
    return plain(" ".join(text.split()))


@contextmanager
def plain_output() -> Iterator[None]:
    """Let everything that is printed meanwhile be plain."""
    with redirect_stdout(_plain(sys.stdout)), redirect_stderr(_plain(sys.stderr)):
        yield


def steer(text: str) -> None:
    """Print to stderr what a terminal is to obey."""
    stream = getattr(sys.stderr, "unguarded", sys.stderr)
    print(text, end="", file=stream, flush=True)


class _Plain:
    def __init__(self, stream: TextIO) -> None:
        self.unguarded = stream

    def write(self, text: str) -> int:
        return self.unguarded.write(plain(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


def _plain(stream: TextIO) -> TextIO:
    return cast(TextIO, _Plain(stream))
