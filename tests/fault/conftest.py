"""Services that fail, a clock that can be moved, and what the operator reads."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from local.logto.keys import SigningKeys
from local.serving import Server
from local.stack import Stack
from passerelle import runtime
from passerelle.adapters import aws, logto, mailgun
from passerelle.adapters.transport import Limits
from tests.fault.aws_proxy import AwsProxy
from tests.support.provider import Front, empty_table, logto_of, read_secret, write_secret

LetPass = Callable[[float], None]

SECRETS = ("LogtoSecret", "MailgunSecret", "ConnectorSecret", "KeysSecret")


@pytest.fixture(autouse=True)
def _as_new(stack: Stack) -> None:
    empty_table(stack)
    logto_of(stack).keys = SigningKeys()


@pytest.fixture
def put_back(stack: Stack) -> Iterator[None]:
    """Secrets, and what the embedded services know of them, are afterwards what they were before."""
    secrets = {name: read_secret(stack, name) for name in SECRETS}
    logto, mailgun = logto_of(stack), stack.mailgun
    assert mailgun is not None
    of_logto = dict(logto.clients), logto.connector_authorization, logto.webhook_url
    of_mailgun = mailgun.api_key, mailgun.webhook_signing_key
    yield
    for name, value in secrets.items():
        write_secret(stack, name, value)
    logto.clients, logto.connector_authorization, logto.webhook_url = of_logto
    mailgun.api_key, mailgun.webhook_signing_key = of_mailgun


@pytest.fixture
def proxy(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsProxy]:
    """What stands between the functions and AWS; retries come at once."""
    proxy = AwsProxy(stack.aws_url)
    monkeypatch.setattr(aws, "_PAUSE_SECONDS", 0.01)
    with closing(Server(proxy, "localhost", 0)) as server:
        server.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield proxy
        proxy.released.set()


@pytest.fixture
def front(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Front:
    """What stands before the provider."""
    app = logto_of(stack).app
    front = Front(app.wsgi_app)
    monkeypatch.setattr(app, "wsgi_app", front)
    return front


@pytest.fixture
def short_timeout(monkeypatch: pytest.MonkeyPatch) -> float:
    """Logto and Mailgun get a fraction of their time; the value is what a request may take then."""
    for adapter in (logto, mailgun):
        monkeypatch.setattr(adapter, "LIMITS", Limits(connect=0.3, read=0.3, total=0.5))
    return 1.3


@pytest.fixture
def let_pass(monkeypatch: pytest.MonkeyPatch) -> LetPass:
    """Move the functions' clock forward."""

    def move(seconds: float) -> None:
        monkeypatch.setattr(runtime.SystemClock, "now", lambda _: time.time() + seconds)

    return move
