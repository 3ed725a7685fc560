"""The same stack with its functions in containers, for tests that ask them over HTTP and in no other way."""

import dataclasses
import os
import shlex
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from local import aws
from local.config import Config
from local.sam.api import SamApi
from local.sam.containers import find_engine
from local.sam.python313 import find_python313
from local.stack import Stack
from tests.support.provider import empty_table, logto_of

# Apart from what somebody has running by `make sam-local`.
NAME = "test-sam-local"


@contextmanager
def stack_under_sam(sam: str, config: Config) -> Iterator[Stack]:
    """Build, start, and stop at the end of the block. Raises `Missing` and `SamError`."""
    engine = find_engine(os.environ.get("BIND", ""))
    options = shlex.split(os.environ.get("SAM_LOCAL_OPTIONS", ""))
    api = SamApi(sam, find_python313(), engine, NAME, options, time.sleep)
    api.build()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.CREDENTIALS.items():
            patch.setenv(name, value)
        patch.setattr(socket, "getaddrinfo", _as_browsers_do)
        around = dataclasses.replace(config, bind=engine.bind, name=engine.name, gateway=False)
        with Stack(around) as stack, api.serving(stack):
            yield stack


def _as_browsers_do(host: str, *more: Any, _really: Any = socket.getaddrinfo, **named: Any) -> Any:
    """Not every resolver knows what browsers know by themselves (RFC 6761 6.3)."""
    local = isinstance(host, str) and host.endswith(".localhost")
    return _really("127.0.0.1" if local else host, *more, **named)


def forget_everything(stack: Stack) -> None:
    """Make of a used stack a new one, as far as tests can tell."""
    empty_table(stack)
    logto = logto_of(stack)
    for table in (logto.users, logto.sessions, logto.grants, logto.tokens):
        table.clear()
