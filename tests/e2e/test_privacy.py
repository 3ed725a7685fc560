"""Nothing that is logged or traced, at any level, by any library, holds a code, token, secret or address."""

import io
import json
import logging
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from local.stack import Stack
from passerelle import log, runtime
from tests.support import xray
from tests.support.browser import Browser, newest_code
from tests.support.xray import Daemon

pytestmark = pytest.mark.in_process

EMAIL = "someone.private@example.com"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that our own logger and all others write while the root logger is at DEBUG."""
    log.configure()  # as the first request does, before anything listens in
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.JsonFormatter())
    ours, root = logging.getLogger("passerelle"), logging.getLogger()
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    before = root.level
    root.setLevel(logging.DEBUG)
    for logger in (ours, root):
        logger.addHandler(handler)
    yield stream
    for logger in (ours, root):
        logger.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """Everything that is told of requests which are all traced."""
    with xray.traced(monkeypatch) as daemon:
        yield daemon


def test_the_whole_journey_leaves_nothing_private_in_logs_and_traces(
    stack: Stack, written: io.StringIO, traced: Daemon
) -> None:
    private = {EMAIL, stack.send_otp_token}
    with Browser(stack) as browser:
        _remember_tokens(stack, private)
        callback = browser.stop_at_callback(EMAIL, login=f"/login?login_hint={EMAIL}")
        private |= {value for values in parse_qs(urlsplit(callback).query).values() for value in values[:1]}
        private -= {stack.issuer}
        private |= {value for name, value in browser.cookies.items() if name.startswith("__Host-")}
        private.add(newest_code(stack, EMAIL))
        browser.get(callback)
        browser.session()
        private.add(browser.cookies["__Host-session"])
        browser.get("/callback?code=some-other-code&state=x")
        browser.sign_out()
    services = runtime.services()
    client = services.secrets.client.get(0)
    private |= {client.client_secret, *client.webhook_signing_keys}
    private |= {key for _, key in services.secrets.keys.get(0).keys}
    private.add(services.secrets.mailgun.get(0).api_key)
    text = written.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"sign_in_started", "message_accepted", "sign_in_finished", "session_ended"} <= {
        line["event"] for line in lines
    }
    ours = [line for line in lines if "reason" in line or line["event"].startswith("sign_in")]
    assert all(line["correlation_id"] for line in ours)
    assert len(private) > 12
    assert {"SecretsManager", "DynamoDB", "localhost"} <= set(re.findall(r'"name": "(\w+)"', traced.drain()))
    assert [value for value in private if value in text + traced.text] == []


def test_a_crash_is_logged_without_the_text_of_its_exception(
    stack: Stack, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError(f"cannot handle {EMAIL}")

    monkeypatch.setattr("passerelle.login.checked_extras", crash)
    with Browser(stack) as browser:
        assert browser.get("/login").status_code == 500
        assert EMAIL not in browser.page.text
    assert "RuntimeError" in written.getvalue()
    assert EMAIL not in written.getvalue()


def _remember_tokens(stack: Stack, private: set[str]) -> None:
    assert stack.logto is not None

    def remember(status: int, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        private.update(str(body[name]) for name in ("access_token", "id_token", "refresh_token"))
        return status, body

    stack.logto.misbehave.token_response = remember
