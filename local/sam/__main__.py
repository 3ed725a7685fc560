"""`python -m local.sam`: says what this machine lacks for it, and how to get that."""

import sys

from local.sam.containers import find_engine
from local.sam.needs import Missing
from local.sam.python313 import find_python313


def main() -> int:
    """Name everything that is missing at once."""
    faults = []
    for find in (find_engine, find_python313):
        try:
            find()
        except Missing as missing:
            faults.append(str(missing))
    if faults:
        print("\n\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
