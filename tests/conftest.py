"""A whole stack on free ports, in this process, and a browser in front of it."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from local.config import Config
from local.logto import Misbehaviour
from local.stack import Stack
from passerelle import runtime
from tests.support.browser import Browser
from tests.support.journal import journal

__all__ = ["journal"]

# How long an example takes says more about the machine than about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="module")
def running_stack() -> Iterator[Stack]:
    """One stack for a module: they share a process, so that there is one at a time."""
    with Stack(Config.ephemeral(SendLimitAddress="1000")) as stack:
        yield stack


@pytest.fixture
def stack(running_stack: Stack) -> Iterator[Stack]:
    """A stack that behaves well, behind functions that start cold."""
    assert running_stack.logto is not None
    assert running_stack.mailgun is not None
    running_stack.logto.misbehave = Misbehaviour()
    running_stack.logto.requests.clear()
    running_stack.mailgun.clear()
    runtime.forget()
    yield running_stack
    running_stack.logto.misbehave = Misbehaviour()


@pytest.fixture
def browser(stack: Stack) -> Iterator[Browser]:
    """A browser with no cookies."""
    with Browser(stack) as browser:
        yield browser
