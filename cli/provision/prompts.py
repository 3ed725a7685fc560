"""Ask the operator at the terminal for what stands nowhere; secrets without showing them."""

import getpass
import sys


def is_somebody_there() -> bool:
    """Whether there is a terminal to ask at."""
    return sys.stdin.isatty()


def ask(question: str, default: str = "") -> str:
    """Ask for a line of text; Enter takes the default."""
    shown = f"{question} [{default}]: " if default else f"{question}: "
    print(shown, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() or default


def ask_secret(question: str) -> str:
    """Ask for a secret."""
    return getpass.getpass(f"{question} (not shown): ").strip()
