"""Settings that lack something or contradict each other, and Logto's lifetime of codes."""

from collections.abc import Iterator

import pytest

from local.logto import EmbeddedLogto
from local.stack import Stack
from tests.support.health import found, look
from tests.support.provider import logto_of

POLICY = "verificationCodePolicy"


@pytest.fixture
def logto(stack: Stack) -> Iterator[EmbeddedLogto]:
    logto = logto_of(stack)
    before = logto.sign_in_experience
    yield logto
    logto.sign_in_experience = before


def test_a_stack_as_it_comes_is_well(stack: Stack) -> None:
    assert (look("configuration").outcome, found("public_url")) == ("ok", [])


@pytest.mark.parametrize(
    ("variables", "codes"),
    [
        (
            {"RETURN_TO_ORIGINS": "http://a.example https://b.example"},
            ["return_to_not_https http://a.example"],
        ),
        ({"RETURN_TO_ORIGINS": "http://localhost:5173"}, []),
        ({"SESSION_IDLE_SECONDS": "1209601"}, ["idle_beyond_absolute"]),
        ({"SESSION_NEEDS_PROVIDER": "true", "SCOPES": "openid"}, ["provider_needed_without_refresh"]),
        ({"SESSION_NEEDS_PROVIDER": "true"}, []),
        ({"SEND_BUDGET_REFUSES": "true", "SEND_BUDGET": "0"}, ["budget_refuses_nothing"]),
        ({"SEND_LIMIT_DOMAIN": "5", "SEND_LIMIT_ADDRESS": "10"}, ["limits_contradict SendLimitDomain"]),
        (
            {"SEND_BUDGET": "50", "SEND_LIMIT_IP": "100", "SEND_LIMIT_ADDRESS": "9"},
            ["limits_contradict SendBudget"],
        ),
    ],
)
def test_settings(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], codes: list[str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert found("configuration") == codes


def test_an_issuer_without_https_is_a_matter_of_where_we_are(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://auth.example.com")
    assert found("configuration") == [f"issuer_not_https {stack.issuer}"]
    monkeypatch.setenv("PUBLIC_BASE_URL", "http://auth.example.com")
    said = ["public_url_not_https http://auth.example.com", f"issuer_not_https {stack.issuer}"]
    assert found("configuration") == said


@pytest.mark.parametrize(
    ("policy", "codes"),
    [
        ({}, []),
        ({"expirationDuration": 600}, []),
        ({"expirationDuration": 660}, ["code_lifetime_long 11 min"]),
        ({"expirationDuration": 3600, "maxRetryAttempts": 3}, ["code_lifetime_long 60 min"]),
        ("ten minutes", ["code_lifetime_unknown"]),
    ],
)
def test_the_lifetime_of_codes(logto: EmbeddedLogto, policy: object, codes: list[str]) -> None:
    logto.sign_in_experience = logto.sign_in_experience | {POLICY: policy}
    assert found("configuration") == codes


def test_a_logto_that_does_not_tell_the_lifetime(logto: EmbeddedLogto) -> None:
    logto.sign_in_experience = {k: v for k, v in logto.sign_in_experience.items() if k != POLICY}
    assert found("configuration") == ["code_lifetime_unknown"]
    for status in (404, 500):
        logto.misbehave.fail["/api/.well-known/sign-in-exp"] = status
        assert look("configuration").outcome == "unknown"


def test_the_public_address_is_asked(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", stack.mailgun_url)
    assert found("public_url") == [f"public_url_leads_elsewhere {stack.mailgun_url}"]
    monkeypatch.setenv("PUBLIC_BASE_URL", "http://127.0.0.1:1")
    assert found("public_url") == ["public_url_unreachable http://127.0.0.1:1"]
    monkeypatch.setenv("PUBLIC_BASE_URL", "")
    assert found("public_url") == ["public_url_unknown"]
