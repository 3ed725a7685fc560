"""Keep the functions' log lines out of what is printed, at their full price."""

import logging
import os

from passerelle.log import JsonFormatter


def silence() -> None:
    """Let the functions of this process write where nobody reads, and all other loggers not at all."""
    handler = logging.StreamHandler(open(os.devnull, "w"))  # noqa: SIM115 - as long as the process
    handler.setFormatter(JsonFormatter())
    ours = logging.getLogger("passerelle")
    ours.addHandler(handler)
    ours.propagate = False
    logging.disable()
