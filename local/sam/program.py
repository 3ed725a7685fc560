"""The stand-ins of this process, and the app in containers between them."""

import shlex
from collections.abc import Mapping
from contextlib import suppress

from local.config import Config
from local.messages import app_message
from local.sam.api import SamApi
from local.sam.command import Interrupted
from local.sam.containers import Engine
from local.sam.python313 import find_python313
from local.saying import say
from local.serving import free_port
from local.stack import Stack
from local.stopping import Stopping

NAME = "sam-local"
STARTING = """\
Starting the functions, each in a container of its own. The first time of all, Lambda's image is fetched, some
hundred megabytes."""
NOT_SERVED = """\
What comes by a queue or a schedule is not served here. The log of the functions: {log}
"""


def serve(engine: Engine, sam: str, variables: Mapping[str, str], config: Config, stopping: Stopping) -> None:
    """Build, start, and wait until the program is to stop. Raises `Missing` and `SamError`."""
    # Before anything is built for it.
    free_port(config.port)
    options = shlex.split(variables.get("SAM_LOCAL_OPTIONS", ""))
    api = SamApi(sam, find_python313(), engine, NAME, options, stopping.wait)
    with suppress(Interrupted):
        say("Building functions and layers…")
        api.build()
        with Stack(config) as stack:
            say(STARTING)
            _serve(api, stack, stopping)


def _serve(api: SamApi, stack: Stack, stopping: Stopping) -> None:
    with api.serving(stack) as process:
        say(app_message(stack) + NOT_SERVED.format(log=api.log))
        while not stopping.wait(0.5):
            if process.poll() is not None:
                raise api.has_ended()
        say("\nStopping the containers…")
