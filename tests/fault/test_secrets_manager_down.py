"""Secrets Manager fails: cold functions cannot begin, warm ones go on with what they have."""

import pytest

from local.stack import Stack
from passerelle import kept as keeping
from passerelle import runtime, secrets
from tests.fault.aws_proxy import AwsProxy, Fault, answers, breaks, fails_inside, throttles
from tests.fault.conftest import LetPass
from tests.fault.places import ask_for_delivery
from tests.support.browser import Browser
from tests.support.journal import Json, refusal
from tests.support.provider import assert_signed_in, error_code, stored_sessions

every_fault = pytest.mark.parametrize(
    "fault", [breaks, throttles, fails_inside, answers(400, "DecryptionFailure")]
)


@every_fault
def test_cold_functions_are_out_of_order(
    proxy: AwsProxy, stack: Stack, browser: Browser, fault: Fault
) -> None:
    browser.sign_in()
    runtime.forget()
    proxy.always["GetSecretValue"] = fault
    answer = browser.session()
    assert (answer.status_code, answer.json()["code"]) == (503, "secrets_unavailable")
    for path in ("/", "/login", "/callback?state=x"):
        page = browser.get(path)
        assert (page.status_code, error_code(page.text)) == (503, "secrets_unavailable"), path
    answer = ask_for_delivery(stack)
    assert (answer.status_code, answer.json()["code"]) == (503, "secrets_unavailable")


def test_a_sign_out_in_a_cold_function_changes_nothing(
    proxy: AwsProxy, stack: Stack, browser: Browser, let_pass: LetPass
) -> None:
    browser.sign_in()
    browser.get("/logout")
    runtime.forget()
    proxy.always["GetSecretValue"] = breaks
    page = browser.submit()
    assert (page.status_code, error_code(page.text)) == (503, "secrets_unavailable")
    assert len(stored_sessions(stack)) == 1
    proxy.always.clear()
    let_pass(keeping.FAILURE_SECONDS)
    browser.get("/")
    assert_signed_in(browser)


@every_fault
def test_warm_functions_go_on(
    proxy: AwsProxy,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    journal: list[Json],
    fault: Fault,
) -> None:
    monkeypatch.setattr(secrets, "KEPT_SECONDS", 0)
    monkeypatch.setattr(keeping, "AGAIN_SECONDS", 0)
    browser.sign_in("grace@example.com")
    browser.sign_out()
    proxy.always["GetSecretValue"] = fault
    browser.sign_in("ada@example.com")
    assert_signed_in(browser, "ada@example.com")
    kept = {line["what"] for line in journal if line["event"] == "not_renewed"}
    assert kept == {"LogtoSecret", "MailgunSecret", "ConnectorSecret", "KeysSecret"}


def test_warm_functions_do_not_ask_for_every_request(
    proxy: AwsProxy, browser: Browser, let_pass: LetPass
) -> None:
    browser.sign_in()
    let_pass(secrets.KEPT_SECONDS + 1)
    proxy.always["GetSecretValue"] = throttles
    browser.session()
    asked = proxy.count("GetSecretValue")
    for _ in range(5):
        assert browser.session().status_code == 200
    assert proxy.count("GetSecretValue") == asked


def test_strangers_cannot_make_warm_functions_ask_all_the_time(
    proxy: AwsProxy, stack: Stack, browser: Browser, let_pass: LetPass
) -> None:
    browser.sign_in()
    let_pass(secrets.KEPT_SECONDS + 1)
    proxy.always["GetSecretValue"] = throttles
    assert ask_for_delivery(stack, "of-a-stranger").status_code == 401
    asked = proxy.count("GetSecretValue")
    for _ in range(5):
        assert ask_for_delivery(stack, "of-a-stranger").status_code == 401
    assert proxy.count("GetSecretValue") == asked


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_a_secret_that_may_not_be_read_is_the_operators_to_repair(
    proxy: AwsProxy, browser: Browser, journal: list[Json], code: str
) -> None:
    proxy.always["GetSecretValue"] = answers(400, code)
    page = browser.get("/login")
    assert (page.status_code, error_code(page.text)) == (500, "secret_not_readable")
    assert refusal(journal)["reason"] == f"KeysSecret: {code}"
    assert refusal(journal)["level"] == "ERROR"
