"""Words to whoever has started this program, if they are still there."""

import os
import sys


def say(text: str) -> None:
    """Print at once; a reader who has gone is no fault."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Python would complain of it once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
