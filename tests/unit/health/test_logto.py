"""Each way in which Logto can be ill, and that looking leaves no trace there."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from local.logto import EmbeddedLogto
from local.stack import Stack
from passerelle.adapters import health_web
from passerelle.adapters.transport import Limits
from passerelle.health.ports import Seen
from passerelle.runtime import SystemClock
from tests.support.health import found, look
from tests.support.provider import changed, logto_of, read_secret, write_secret

DISCOVERY = "/oidc/.well-known/openid-configuration"


@pytest.fixture
def logto(stack: Stack) -> Iterator[EmbeddedLogto]:
    logto = logto_of(stack)
    clients, secret = dict(logto.clients), read_secret(stack, "LogtoSecret")
    yield logto
    logto.clients.clear()
    logto.clients.update(clients)
    write_secret(stack, "LogtoSecret", secret)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_web, "LIMITS", Limits(connect=2, read=0.5, total=0.5))


class Clock(SystemClock):
    """Is wrong by some seconds."""

    def __init__(self, ahead: float) -> None:
        self.ahead = ahead

    def now(self) -> float:
        return super().now() + self.ahead


@pytest.mark.parametrize("check", ["logto", "client", "redirect_uri"])
def test_a_healthy_logto_is_healthy_and_keeps_no_trace(logto: EmbeddedLogto, check: str) -> None:
    tables = {name: table for name, table in vars(logto.state).items() if isinstance(table, dict)}
    assert len(tables) >= 8
    before = copy.deepcopy({name: dict(table) for name, table in tables.items()})
    result = look(check)
    assert (result.outcome, result.findings) == ("ok", ())
    assert {name: dict(table) for name, table in tables.items()} == before
    assert logto.requests
    # What a request to the token endpoint leaves is an entry in the audit log.
    assert not {path for _, path in logto.requests} & {"/oidc/token", "/oidc/request", "/oidc/session/end"}


@pytest.mark.parametrize(
    ("ill", "code"),
    [
        ({"drop": {DISCOVERY}}, "logto_unreachable"),
        ({"delay": {DISCOVERY: 1.0}}, "logto_unreachable"),
        ({"fail": {DISCOVERY: 503}}, "logto_answers_error 503"),
        ({"fail": {DISCOVERY: 404}}, "logto_answers_error 404"),
        ({"discovery": changed(issuer="https://other.example/oidc")}, "issuer_mismatch"),
        ({"discovery": changed(token_endpoint=None)}, "metadata_invalid"),
        (
            {"discovery": changed(id_token_signing_alg_values_supported=["HS256", "none"])},
            "algorithms_refused HS256 none",
        ),
        ({"drop": {"/oidc/jwks"}}, "logto_unreachable"),
        ({"fail": {"/oidc/jwks": 404}}, "logto_answers_error 404"),
        ({"jwks": lambda _: {"keys": []}}, "keys_unusable ES384"),
        ({"jwks": lambda _: {"keys": "none"}}, "keys_unusable ES384"),
        ({"jwks": lambda keys: {"keys": [keys["keys"][0] | {"x": "!"}]}}, "keys_unusable ES384"),
        ({"jwks": lambda keys: {"keys": [keys["keys"][0] | {"use": "enc"}]}}, "keys_unusable ES384"),
    ],
)
def test_what_logto_publishes_is_ill(logto: EmbeddedLogto, ill: dict[str, Any], code: str) -> None:
    for name, value in ill.items():
        setattr(logto.misbehave, name, value)
    result = look("logto")
    assert result.outcome == "failed"
    assert found("logto") == [code]


def test_only_the_check_of_logto_tells_of_discovery(logto: EmbeddedLogto) -> None:
    logto.misbehave.fail[DISCOVERY] = 500
    for check in ("client", "redirect_uri"):
        assert found(check) == ["check_skipped logto"]
        assert look(check).outcome == "unknown"


def test_algorithms_of_the_settings_have_to_be_among_logtos(
    logto: EmbeddedLogto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ID_TOKEN_ALGORITHMS", "RS256")
    assert found("logto") == ["algorithms_refused ES384"]
    monkeypatch.setenv("ID_TOKEN_ALGORITHMS", "RS256 ES384")
    assert found("logto") == []


@pytest.mark.parametrize(("ahead", "codes"), [(-90, ["clock_differs +90 s"]), (90, ["clock_differs -90 s"])])
def test_clocks_that_differ_by_more_than_tokens_bear(
    logto: EmbeddedLogto, ahead: float, codes: list[str]
) -> None:
    said = found("logto", clock=Clock(ahead))
    assert [code.split()[0] for code in said] == ["clock_differs"]
    assert abs(int(said[0].split()[1]) + ahead) <= 2


def test_clocks_may_differ_a_little(logto: EmbeddedLogto) -> None:
    for ahead in (-55, 55):
        assert found("logto", clock=Clock(ahead)) == []


def test_pushed_requests_that_are_not_offered(logto: EmbeddedLogto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHED_AUTHORIZATION_REQUESTS", "true")
    assert found("logto") == []
    logto.misbehave.discovery = changed(pushed_authorization_request_endpoint=None)
    assert found("logto") == ["par_not_offered"]
    assert look("logto").outcome == "warning"


def test_a_client_secret_that_is_not_accepted(stack: Stack, logto: EmbeddedLogto) -> None:
    write_secret(stack, "LogtoSecret", read_secret(stack, "LogtoSecret") | {"clientSecret": "another"})
    assert found("client") == ["client_refused"]
    assert found("redirect_uri") == []


def test_a_client_that_logto_does_not_know(logto: EmbeddedLogto) -> None:
    logto.clients.clear()
    assert found("client") == ["client_refused"]
    assert found("redirect_uri") == ["client_unknown"]


@pytest.mark.parametrize(
    ("status", "code"), [(500, "logto_answers_error 500"), (403, "logto_answers_error 403")]
)
def test_a_revocation_endpoint_with_a_fault_is_no_refusal(
    logto: EmbeddedLogto, status: int, code: str
) -> None:
    logto.misbehave.fail["/oidc/token/revocation"] = status
    assert found("client") == [code]


def test_a_provider_without_revocation_cannot_be_asked_without_a_trace(logto: EmbeddedLogto) -> None:
    logto.misbehave.discovery = changed(revocation_endpoint=None)
    assert found("client") == ["client_uncheckable"]
    assert look("client").outcome == "unknown"


def test_a_redirect_uri_that_is_not_registered(stack: Stack, logto: EmbeddedLogto) -> None:
    logto.clients["passerelle"] = replace(
        logto.clients["passerelle"], redirect_uris=("https://x.example/cb",)
    )
    assert found("redirect_uri") == [f"redirect_uri_unregistered {stack.app_url}/callback"]
    assert found("client") == []


def test_another_public_address_is_another_redirect_uri(
    logto: EmbeddedLogto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://other.example")
    assert found("redirect_uri") == ["redirect_uri_unregistered https://other.example/callback"]
    monkeypatch.setenv("PUBLIC_BASE_URL", "")
    assert found("redirect_uri") == ["public_url_unknown"]


@pytest.mark.parametrize(
    ("answered", "code"),
    [
        ([("error", "unauthorized_client")], "authorization_refused unauthorized_client"),
        ([("error", "<b>not a code</b>")], "authorization_refused 303"),
        ([("code", "a-code")], "authorization_refused 303"),
        ([("error", "consent_required")], None),
    ],
)
def test_what_comes_back_to_the_redirect_uri(
    logto: EmbeddedLogto, answered: list[tuple[str, str]], code: str | None
) -> None:
    logto.misbehave.authorization_response = lambda _: answered
    said = found("redirect_uri")
    assert said == ([code.replace("303", said[0].split()[-1])] if code else [])


def test_an_authorization_endpoint_that_breaks(logto: EmbeddedLogto) -> None:
    logto.misbehave.fail["/oidc/auth"] = 500
    assert found("redirect_uri") == ["logto_answers_error 500"]
    logto.misbehave.fail["/oidc/auth"] = 403
    assert found("redirect_uri") == ["authorization_refused 403"]


def test_a_redirect_to_somewhere_else_is_none_to_us(logto: EmbeddedLogto) -> None:
    class Web(health_web.HealthWeb):
        def get(self, url: str, user: str = "", password: str = "") -> Seen:
            seen = super().get(url, user, password)
            if seen.status != 303:
                return seen
            return Seen(303, {"location": "https://other.example/callback?error=login_required"}, "")

    assert found("redirect_uri", web=Web()) == ["authorization_refused 303"]
