"""Logto says once that a session is over, and DynamoDB does not answer: it must not be lost."""

import httpx
import pytest

from local import aws
from local.logto import EmbeddedLogto
from local.stack import Stack
from tests.fault.aws_proxy import AwsProxy, Fault, breaks, denies, fails_inside, throttles
from tests.support.browser import Browser
from tests.support.provider import logto_of, read_secret, write_secret


@pytest.fixture
def logto(stack: Stack) -> EmbeddedLogto:
    return logto_of(stack)


def log_out(stack: Stack, logto: EmbeddedLogto, browser: Browser) -> httpx.Response:
    """Tell the app that its user is signed out, as Logto does."""
    return post(stack, logto.logout_token("passerelle", sub=browser.session().json()["user"]["id"]))


def post(stack: Stack, token: str) -> httpx.Response:
    return httpx.post(
        f"{stack.app_url}/backchannel-logout", data={"logout_token": token}, timeout=30, trust_env=False
    )


def test_a_logout_takes_effect_before_it_is_answered(
    stack: Stack, logto: EmbeddedLogto, browser: Browser
) -> None:
    browser.sign_in()
    assert log_out(stack, logto, browser).status_code == 200
    assert browser.session().status_code == 401


@pytest.mark.parametrize("fault", [throttles, fails_inside, breaks])
def test_a_fault_that_passes_is_not_noticed(
    stack: Stack, logto: EmbeddedLogto, browser: Browser, proxy: AwsProxy, fault: Fault
) -> None:
    browser.sign_in()
    proxy.script["UpdateItem"] = [fault, fault]
    assert log_out(stack, logto, browser).status_code == 200
    assert browser.session().status_code == 401
    assert proxy.count("SendMessage") == 0


@pytest.mark.parametrize("fault", [throttles, fails_inside, denies, breaks])
def test_a_fault_that_stays_puts_it_into_the_queue_whose_consumer_carries_it_out(
    stack: Stack, logto: EmbeddedLogto, browser: Browser, proxy: AwsProxy, fault: Fault
) -> None:
    assert stack.queues is not None
    show_at_once(stack)
    browser.sign_in()
    proxy.always["UpdateItem"] = fault
    assert log_out(stack, logto, browser).status_code == 200
    assert proxy.count("SendMessage") == 1
    assert browser.session().status_code == 200
    assert stack.queues.poll() == 0, "it fails again, and stays"
    proxy.always.clear()
    assert stack.queues.poll() == 1
    assert browser.session().status_code == 401
    assert stack.queues.poll() == 0


def show_at_once(stack: Stack) -> None:
    """Let messages that failed come again without the time for which they are hidden."""
    sqs = aws.client("sqs", stack.aws_url)
    sqs.set_queue_attributes(QueueUrl="EventsQueue", Attributes={"VisibilityTimeout": "0"})


def test_without_the_queue_too_it_is_not_called_done(
    stack: Stack, logto: EmbeddedLogto, browser: Browser, proxy: AwsProxy
) -> None:
    browser.sign_in()
    proxy.always = {"UpdateItem": fails_inside, "SendMessage": fails_inside}
    token = logto.logout_token("passerelle", sub=browser.session().json()["user"]["id"])
    answer = post(stack, token)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert browser.session().status_code == 200
    proxy.always.clear()
    assert post(stack, token).status_code == 200, "the token is not used up by having had no effect"
    assert browser.session().status_code == 401


def test_a_suspension_takes_effect_or_waits(
    stack: Stack, logto: EmbeddedLogto, browser: Browser, proxy: AwsProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stack.queues is not None
    show_at_once(stack)
    before = read_secret(stack, "LogtoSecret")
    write_secret(stack, "LogtoSecret", before | {"webhookSigningKey": "the-signing-key"})
    monkeypatch.setattr(logto, "webhook_url", f"{stack.app_url}/webhooks/logto")
    monkeypatch.setattr(logto, "webhook_signing_key", "the-signing-key")
    browser.sign_in()
    proxy.always["UpdateItem"] = fails_inside
    logto.suspend("ada@example.com")
    assert logto.webhooks[-1].status == 200
    proxy.always.clear()
    assert stack.queues.poll() == 1
    assert browser.session().status_code == 401
    write_secret(stack, "LogtoSecret", before)
