"""A whole stack on free ports, in this process, and a browser in front of it.

With `--sam SAM` the functions of that stack run in containers. Tests that reach into the process of functions
say nothing of them there, and are left out.
"""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from local.config import Config
from local.logto import Misbehaviour
from local.sam.command import SamError
from local.sam.needs import Missing
from local.stack import Stack
from passerelle import runtime
from tests.support.browser import Browser
from tests.support.journal import journal
from tests.support.under_sam import forget_everything, stack_under_sam

__all__ = ["journal"]

# The stand-in for AWS holds hundreds of thousands of objects, which each full collection walks through.
gc.set_threshold(100_000, 50, 100)

# How long an example takes says more about the machine than about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


CONFIG = Config.ephemeral(SendLimitAddress="1000")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sam", help="serve the functions by this SAM CLI")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--sam"):
        others = [item for item in items if not _asks_over_http(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


def _asks_over_http(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return "stack" in fixtures and "journal" not in fixtures and not item.get_closest_marker("in_process")


@pytest.fixture(scope="session")
def stack_in_containers(pytestconfig: pytest.Config) -> Iterator[Stack]:
    """One stack for all tests, since containers take their time."""
    try:
        with stack_under_sam(pytestconfig.getoption("--sam"), CONFIG) as stack:
            yield stack
    except (Missing, SamError) as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(scope="module")
def running_stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """One stack for a module: they share a process, so that there is one at a time."""
    if request.config.getoption("--sam"):
        stack = request.getfixturevalue("stack_in_containers")
        forget_everything(stack)
        yield stack
    else:
        with Stack(CONFIG) as stack:
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
