"""Whatever hangs, a function answers by itself before Lambda ends it.

Time runs three times as fast here, for everything that waits.
"""

import time
from collections.abc import Callable

import pytest

from local.stack import TEMPLATE, Stack
from local.template import Template
from passerelle import runtime
from passerelle.adapters import aws, logto, mailgun
from passerelle.adapters.transport import Limits
from tests.fault.aws_proxy import AwsProxy
from tests.fault.places import ask_for_delivery
from tests.support.browser import Browser
from tests.support.provider import error_code, logto_of

PACE = 3
LONG = 30.0 / PACE

Limit = Callable[[str], float]


@pytest.fixture(autouse=True)
def _fast_motion(monkeypatch: pytest.MonkeyPatch) -> None:
    for adapter in (aws, logto, mailgun):
        monkeypatch.setattr(adapter, "LIMITS", Limits(*(seconds / PACE for seconds in adapter.LIMITS)))
    monkeypatch.setattr(aws, "TOTAL_SECONDS", aws.TOTAL_SECONDS / PACE)


@pytest.fixture
def limit(stack: Stack) -> Limit:
    """The time that the template gives to the function behind a path."""
    template = Template(TEMPLATE, stack.parameters)
    functions = template.functions()
    by_path = {route.path: functions[route.function].timeout for route in template.routes()}
    return lambda path: by_path[path] / PACE


def test_a_table_that_hangs_while_a_session_is_looked_up(
    proxy: AwsProxy, browser: Browser, limit: Limit
) -> None:
    browser.sign_in()
    proxy.always["BatchGetItem"] = proxy.hangs
    started = time.monotonic()
    assert browser.session().status_code == 503
    assert time.monotonic() - started < limit("/session")


def test_a_table_that_hangs_when_the_attempt_is_taken(
    proxy: AwsProxy, browser: Browser, limit: Limit
) -> None:
    callback = browser.stop_at_callback()
    proxy.always["PutItem"] = proxy.hangs
    started = time.monotonic()
    assert browser.get(callback).status_code == 503
    assert time.monotonic() - started < limit("/callback")


def test_a_table_that_hangs_when_the_session_is_stored(
    proxy: AwsProxy, browser: Browser, limit: Limit
) -> None:
    callback = browser.stop_at_callback()
    proxy.always = {"TransactWriteItems": proxy.hangs, "UpdateItem": proxy.hangs}
    started = time.monotonic()
    assert browser.get(callback).status_code == 503
    assert time.monotonic() - started < limit("/callback")


def test_a_table_that_hangs_at_sign_out(proxy: AwsProxy, browser: Browser, limit: Limit) -> None:
    browser.sign_in()
    browser.get("/logout")
    proxy.always["UpdateItem"] = proxy.hangs
    started = time.monotonic()
    assert browser.submit().status_code == 503
    assert time.monotonic() - started < limit("/logout")


@pytest.mark.parametrize("path", ["/login", "/callback", "/logged-out"])
def test_secrets_that_hang_in_a_cold_function(
    proxy: AwsProxy, browser: Browser, limit: Limit, path: str
) -> None:
    proxy.always["GetSecretValue"] = proxy.hangs
    started = time.monotonic()
    browser.get(path)
    assert time.monotonic() - started < limit(path)


def test_secrets_that_hang_when_a_code_is_to_be_sent(proxy: AwsProxy, stack: Stack, limit: Limit) -> None:
    proxy.always["GetSecretValue"] = proxy.hangs
    started = time.monotonic()
    assert ask_for_delivery(stack).status_code == 503
    assert time.monotonic() - started < limit("/send-otp")


def test_a_table_that_hangs_when_a_code_is_to_be_sent(proxy: AwsProxy, stack: Stack, limit: Limit) -> None:
    proxy.always = {"TransactWriteItems": proxy.hangs, "UpdateItem": proxy.hangs}
    started = time.monotonic()
    assert ask_for_delivery(stack).status_code == 503
    assert time.monotonic() - started < limit("/send-otp")


@pytest.mark.parametrize("step", ["/.well-known/openid-configuration", "/token", "/jwks"])
def test_a_provider_that_hangs_in_a_callback(stack: Stack, browser: Browser, limit: Limit, step: str) -> None:
    callback = browser.stop_at_callback()
    runtime.forget()
    logto_of(stack).misbehave.delay[f"/oidc{step}"] = LONG
    started = time.monotonic()
    page = browser.get(callback)
    assert error_code(page.text) == "provider_unavailable"
    assert time.monotonic() - started < limit("/callback")


def test_a_provider_that_hangs_at_sign_out(stack: Stack, browser: Browser, limit: Limit) -> None:
    browser.sign_in()
    browser.get("/logout")
    logto_of(stack).misbehave.delay["/oidc/token/revocation"] = LONG
    started = time.monotonic()
    assert "Signed out here only" in browser.submit().text
    assert time.monotonic() - started < limit("/logout")


def test_a_mailer_that_hangs(stack: Stack, limit: Limit) -> None:
    assert stack.mailgun is not None
    stack.mailgun.misbehave.delay = LONG
    started = time.monotonic()
    assert ask_for_delivery(stack).status_code == 503
    assert time.monotonic() - started < limit("/send-otp")
