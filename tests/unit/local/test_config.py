"""Variables that cannot work are refused before anything starts, by name and with an example."""

import pytest

from local.checks import ConfigError
from local.config import Config

LOGTO = {
    "AUTH_LOGTO_ISSUER": "https://t.logto.app/oidc",
    "AUTH_LOGTO_ID": "id",
    "AUTH_LOGTO_SECRET": "a secret",
}
MAILGUN = {
    "MAILGUN_API_KEY": "key",
    "MAILGUN_DOMAIN": "mg.example.com",
    "MAILGUN_FROM": "A <a@mg.example.com>",
}
GOOD = {**LOGTO, **MAILGUN}


def refusal(**variables: str) -> str:
    with pytest.raises(ConfigError) as raised:
        Config.read({**GOOD, **variables})
    return str(raised.value)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("t.logto.app/oidc", "https URL"),
        ("ftp://t.logto.app/oidc", "https URL"),
        ("https:///oidc", "https URL"),
        ("https://[/oidc", "https URL"),
        ("https://t.logto.app:x/oidc", "https URL"),
        ("https://me:hidden@t.logto.app/oidc", "https URL"),
        ("https://t.logto.app/oi\ndc", "https URL"),
        ("http://t.logto.app/oidc", "http is for localhost and private IP addresses"),
        ("http://8.8.8.8/oidc", "http is for localhost and private IP addresses"),
        ("http://localhost.example/oidc", "http is for localhost and private IP addresses"),
        ("https://t.logto.app/oidc?", "without query and fragment"),
        ("https://t.logto.app/oidc#a", "without query and fragment"),
        ("https://t.logto.app", "ends in /oidc"),
        ("https://t.logto.app/", "ends in /oidc"),
        ("https://t.logto.app/oidc/", "without the slash at its end"),
    ],
)
def test_an_issuer_is_a_url_with_a_path(value: str, problem: str) -> None:
    said = refusal(AUTH_LOGTO_ISSUER=value)
    assert said.startswith("AUTH_LOGTO_ISSUER ")
    assert problem in said
    assert "https://my-tenant.logto.app/oidc" in said
    assert "hidden" not in said


@pytest.mark.parametrize("host", ["localhost", "stand-ins.localhost", "127.0.0.1", "172.17.0.1"])
def test_an_issuer_nearby_may_be_on_http(host: str) -> None:
    variables = {**LOGTO, "AUTH_LOGTO_ISSUER": f"http://{host}:3001/oidc"}
    assert Config.read(variables).logto == variables


def test_the_issuer_of_another_provider_may_end_in_a_slash() -> None:
    variables = {**LOGTO, "AUTH_LOGTO_ISSUER": "https://localhost.emobix.co.uk:8443/test/a/passerelle/"}
    assert Config.read(variables).logto == variables


def test_settings_that_another_provider_needs_reach_the_template() -> None:
    given = {"ID_TOKEN_ALGORITHMS": "RS256", "USERINFO": "true", "LOGOUT_TOKEN_TYP_REQUIRED": "false"}
    parameters = Config.read({**LOGTO, **given}).parameters
    assert parameters["IdTokenAlgorithms"] == "RS256"
    assert parameters["Userinfo"] == "true"
    assert parameters["LogoutTokenTypRequired"] == "false"
    assert parameters["LogoutIdTokenHint"] == ""


@pytest.mark.parametrize("host", ["localhost:3001", "127.0.0.1", "172.17.0.1:3001", "10.1.2.3", "[::1]:3001"])
def test_an_issuer_nearby_may_speak_http(host: str) -> None:
    variables = {**LOGTO, "AUTH_LOGTO_ISSUER": f"http://{host}/oidc"}
    assert Config.read(variables).logto == variables


@pytest.mark.parametrize(
    "value",
    [
        "api.mailgun.net",
        "http://api.mailgun.net",
        "http://8.8.8.8",
        "ftp://localhost",
        "https://",
        "https://a?b",
    ],
)
def test_an_endpoint_out_there_speaks_https(value: str) -> None:
    said = refusal(MAILGUN_ENDPOINT=value)
    assert said.startswith("MAILGUN_ENDPOINT must be ")
    assert "https://api.eu.mailgun.net" in said


@pytest.mark.parametrize(
    "value", ["https://api.eu.mailgun.net", "http://localhost:8025", "http://172.17.0.1:80", "http://[::1]:1"]
)
def test_an_endpoint_nearby_may_speak_http(value: str) -> None:
    config = Config.read({**MAILGUN, "MAILGUN_ENDPOINT": value})
    assert config.mailgun == {**MAILGUN, "MAILGUN_ENDPOINT": value}


@pytest.mark.parametrize(
    "value", ["https://mg.example.com", "mg.example.com/", "a@b.example", "a..b", "-a.b"]
)
def test_a_domain_is_a_host_name(value: str) -> None:
    said = refusal(MAILGUN_DOMAIN=value)
    assert said.startswith("MAILGUN_DOMAIN must be a host name")
    assert "mg.example.com" in said


@pytest.mark.parametrize("value", ["A\n<a@b.example>", "A\r<a@b.example>"])
def test_a_sender_is_one_line(value: str) -> None:
    assert refusal(MAILGUN_FROM=value).startswith("MAILGUN_FROM must be one line")


@pytest.mark.parametrize(
    "value", ["not an address", "A", "@", "a@", "<@b.example>", "A <a>", "A <a@b.example"]
)
def test_a_sender_has_an_address(value: str) -> None:
    said = refusal(MAILGUN_FROM=value)
    assert said.startswith("MAILGUN_FROM must be an e-mail address")
    assert "sign-in@mg.example.com" in said


@pytest.mark.parametrize(
    "value", ["a@b.example", "<a@b.example>", "A <a@b.example>", '"A @ <B>" <a+c@b.example>']
)
def test_a_sender_may_have_a_name(value: str) -> None:
    assert Config.read({**MAILGUN, "MAILGUN_FROM": value}).mailgun == {**MAILGUN, "MAILGUN_FROM": value}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("x" * 15, "16 characters"),
        ("with a space between", "without spaces"),
        ("sixteen-or-moré-chars", "ASCII"),
        ("a-line-\nbreak-between", "printable"),
    ],
)
def test_a_token_fits_into_a_header(value: str, problem: str) -> None:
    said = refusal(SEND_OTP_TOKEN=value)
    assert said.startswith("SEND_OTP_TOKEN must ")
    assert problem in said
    assert "openssl" in said
    assert value not in said


def test_a_good_token_is_taken() -> None:
    assert Config.read({"SEND_OTP_TOKEN": "x" * 16}).send_otp_token == "x" * 16


@pytest.mark.parametrize("name", [*GOOD, "MAILGUN_ENDPOINT"])
def test_one_variable_of_a_service_is_not_enough(name: str) -> None:
    variables = {**GOOD, "MAILGUN_ENDPOINT": "https://api.eu.mailgun.net"}
    with pytest.raises(ConfigError, match=f"{name} set, but .* missing"):
        Config.read({name: variables[name]})


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"PORT": "4000", "LOGTO_PORT": "4000"}, "PORT and LOGTO_PORT are the same"),
        ({"PORT": "8025"}, "PORT and MAILGUN_PORT are the same"),
        ({"LOGTO_PORT": "1", "MAILGUN_PORT": "1"}, "LOGTO_PORT and MAILGUN_PORT are the same"),
    ],
)
def test_no_port_is_given_twice(variables: dict[str, str], names: str) -> None:
    with pytest.raises(ConfigError, match=f"^{names}"):
        Config.read(variables)


@pytest.mark.parametrize("variables", [{"PORT": "0", "LOGTO_PORT": "0"}, {**LOGTO, "PORT": "3001"}])
def test_a_port_that_is_not_ours_may_be_equal(variables: dict[str, str]) -> None:
    assert Config.read(variables).port == int(variables["PORT"])


@pytest.mark.parametrize("value", ["x", "-1", "65536", "9" * 5000, "٣٠٠٠"])
def test_a_port_is_a_number(value: str) -> None:
    with pytest.raises(ConfigError, match="PORT must be a port number"):
        Config.read({"PORT": value})
