"""Ask the operator before what cannot be undone."""

import sys

from cli.problems import Problem


def is_agreed(question: str, option: str) -> bool:
    """Ask on the terminal; raises `Problem` where nobody is there to answer, naming the option that does."""
    if not sys.stdin.isatty():
        raise Problem(f"{question} Nobody is here to answer: give {option}")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
