"""The environment is read once, strictly, and a fault names its variable."""

import re
from pathlib import Path

import pytest

from passerelle.errors import Misconfigured
from passerelle.settings import ASYMMETRIC_ALGORITHMS, read_settings
from tests.support.doubles import ENVIRONMENT

REQUIRED = [
    "LOGTO_ISSUER",
    "TABLE_NAME",
    "LOGTO_SECRET_ID",
    "MAILGUN_SECRET_ID",
    "CONNECTOR_SECRET_ID",
    "KEYS_SECRET_ID",
]


def test_has_safe_defaults() -> None:
    settings = read_settings({name: ENVIRONMENT[name] for name in REQUIRED})
    assert settings.public_base_url == ""
    assert settings.scopes == ("openid", "profile", "email", "offline_access")
    assert settings.id_token_algorithms == ()
    assert settings.return_to_origins == ()
    assert settings.logout_id_token_hint is False
    assert settings.pushed_authorization_requests is False
    assert (settings.session_idle_seconds, settings.session_absolute_seconds) == (86400, 1209600)
    assert settings.log_level == "INFO"
    assert settings.aws_endpoint_url == ""


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, "", "   "])
def test_names_the_variable_that_is_absent(name: str, value: str | None) -> None:
    environment = {key: text for key, text in ENVIRONMENT.items() if key != name}
    if value is not None:
        environment[name] = value
    with pytest.raises(Misconfigured, match=name):
        read_settings(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOGTO_ISSUER", "logto.example/oidc"),
        ("LOGTO_ISSUER", "ftp://logto.example"),
        ("LOGTO_ISSUER", "https:///oidc"),
        ("LOGTO_ISSUER", "https://logto.example/oidc?x=1"),
        ("LOGTO_ISSUER", "https://logto.example/oidc#x"),
        ("LOGTO_ISSUER", "http://logto.example/oidc"),
        ("LOGTO_ISSUER", "http://8.8.8.8/oidc"),
        ("LOGTO_ISSUER", "http://localhost.example/oidc"),
        ("LOGTO_ISSUER", "http://localhost@logto.example/oidc"),
        ("PUBLIC_BASE_URL", "app.example"),
        ("PUBLIC_BASE_URL", "https://app.example/path"),
        ("PUBLIC_BASE_URL", "https://app.example?x=1"),
        ("PUBLIC_BASE_URL", "https://user@app.example"),
        ("RETURN_TO_ORIGINS", "https://ok.example, *"),
        ("RETURN_TO_ORIGINS", "https://ok.example/path"),
        ("RETURN_TO_ORIGINS", "javascript:alert(1)"),
        ("SCOPES", "profile email"),
        ("ID_TOKEN_ALGORITHMS", "none"),
        ("ID_TOKEN_ALGORITHMS", "RS256 HS256"),
        ("ID_TOKEN_ALGORITHMS", "rs256"),
        ("PUSHED_AUTHORIZATION_REQUESTS", "yes"),
        ("LOGOUT_ID_TOKEN_HINT", "1"),
        ("SESSION_IDLE_SECONDS", "59"),
        ("SESSION_IDLE_SECONDS", "34560001"),
        ("SESSION_IDLE_SECONDS", "-300"),
        ("SESSION_IDLE_SECONDS", "3e5"),
        ("SESSION_IDLE_SECONDS", "٣٠٠"),
        ("SESSION_ABSOLUTE_SECONDS", "two weeks"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_refuses_what_it_cannot_use_and_names_it(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name) as refusal:
        read_settings(ENVIRONMENT | {name: value})
    assert refusal.value.code == "setting_invalid"


def test_keeps_the_issuer_to_the_letter() -> None:
    for issuer in ("https://Logto.example/oidc", "https://logto.example/oidc/", "http://localhost:3001/oidc"):
        assert read_settings(ENVIRONMENT | {"LOGTO_ISSUER": issuer}).issuer == issuer


@pytest.mark.parametrize(
    "host",
    ["localhost", "stand-ins.localhost", "127.0.0.1", "172.17.0.1", "192.168.1.9", "[::1]", "[fd00::1]"],
)
def test_an_issuer_may_speak_http_where_nothing_leaves_the_machine_or_its_network(host: str) -> None:
    issuer = f"http://{host}:3001/oidc"
    assert read_settings(ENVIRONMENT | {"LOGTO_ISSUER": issuer}).issuer == issuer


def test_writes_origins_as_browsers_do() -> None:
    settings = read_settings(
        ENVIRONMENT
        | {"PUBLIC_BASE_URL": "https://App.Example/", "RETURN_TO_ORIGINS": "https://A.example/ http://b:1,"}
    )
    assert settings.public_base_url == "https://app.example"
    assert settings.return_to_origins == ("https://a.example", "http://b:1")


def test_lists_may_be_separated_by_spaces_or_commas() -> None:
    settings = read_settings(ENVIRONMENT | {"ID_TOKEN_ALGORITHMS": "ES384, RS256 PS256"})
    assert settings.id_token_algorithms == ("ES384", "RS256", "PS256")


def test_takes_flags_seconds_and_levels() -> None:
    settings = read_settings(
        ENVIRONMENT
        | {"LOGOUT_ID_TOKEN_HINT": "True", "SESSION_IDLE_SECONDS": " 600 ", "LOG_LEVEL": "warning"}
    )
    assert settings.logout_id_token_hint is True
    assert settings.session_idle_seconds == 600
    assert settings.log_level == "WARNING"


def test_no_algorithm_with_a_shared_key_can_be_allowed() -> None:
    assert not {name for name in ASYMMETRIC_ALGORITHMS if name.startswith("HS") or name == "none"}


def test_equal_environments_make_equal_settings() -> None:
    assert read_settings(ENVIRONMENT) == read_settings(dict(ENVIRONMENT))
    assert hash(read_settings(ENVIRONMENT)) == hash(read_settings(dict(ENVIRONMENT)))


@pytest.mark.parametrize("name", ["LOGTO_ISSUER", "PUBLIC_BASE_URL", "RETURN_TO_ORIGINS"])
@pytest.mark.parametrize("value", ["https://[::1", "https://app.example:port"])
def test_names_the_variable_of_an_address_that_cannot_be_parsed(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        read_settings(ENVIRONMENT | {name: value})


@pytest.mark.parametrize("value", ["https://:pw@app.example", "https://@app.example", "https://app example"])
def test_refuses_an_origin_that_no_browser_would_send(value: str) -> None:
    with pytest.raises(Misconfigured, match="PUBLIC_BASE_URL"):
        read_settings(ENVIRONMENT | {"PUBLIC_BASE_URL": value})


def test_an_origin_leaves_out_the_port_that_is_its_scheme_s_own() -> None:
    settings = read_settings(ENVIRONMENT | {"PUBLIC_BASE_URL": "https://app.example:443"})
    assert settings.public_base_url == "https://app.example"


def test_takes_every_log_level_that_the_template_offers() -> None:
    document = (Path(__file__).parents[2] / "template.yaml").read_text(encoding="utf-8")
    match = re.search(r"  LogLevel:.*?AllowedValues: \[(.*?)\]", document, re.DOTALL)
    assert match
    for level in match[1].split(", "):
        read_settings(ENVIRONMENT | {"LOG_LEVEL": level})
