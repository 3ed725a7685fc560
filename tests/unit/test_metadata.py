"""A discovery document speaks for its issuer and names endpoints that may be used."""

from typing import Any

import pytest

from passerelle.errors import Misconfigured, ProviderUnavailable
from passerelle.oidc.metadata import checked_metadata
from tests.support.doubles import ISSUER, METADATA

ENDPOINTS = [name for name in METADATA if name.endswith(("_endpoint", "_uri"))]
OPTIONAL = [
    "userinfo_endpoint",
    "end_session_endpoint",
    "revocation_endpoint",
    "pushed_authorization_request_endpoint",
]


def changed(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in {**METADATA, **members}.items() if value is not ...}


def test_takes_what_a_sign_in_needs() -> None:
    metadata = checked_metadata(METADATA, ISSUER)
    for name in ENDPOINTS:
        assert getattr(metadata, name) == METADATA[name]
    assert metadata.issuer == ISSUER
    assert metadata.id_token_signing_alg_values_supported == ("ES384",)
    assert metadata.authorization_response_iss_parameter_supported is True


@pytest.mark.parametrize(
    "issuer", [..., None, "", f"{ISSUER}/", ISSUER.upper(), "https://logto.example", [ISSUER], "https://evil"]
)
def test_refuses_a_document_that_speaks_for_another_issuer(issuer: object) -> None:
    with pytest.raises(Misconfigured) as refusal:
        checked_metadata(changed(issuer=issuer), ISSUER)
    assert refusal.value.code == "issuer_mismatch"


@pytest.mark.parametrize("name", [name for name in ENDPOINTS if name not in OPTIONAL])
@pytest.mark.parametrize("value", [..., None])
def test_refuses_a_document_without_a_needed_endpoint(name: str, value: object) -> None:
    with pytest.raises(ProviderUnavailable) as refusal:
        checked_metadata(changed(**{name: value}), ISSUER)
    assert name in refusal.value.reason


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize("value", [..., None])
def test_does_without_the_optional_endpoints(name: str, value: object) -> None:
    assert getattr(checked_metadata(changed(**{name: value}), ISSUER), name) == ""


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "/relative",
        "//host/x",
        "javascript:alert(1)",
        "ftp://h/x",
        "https:///x",
        5,
        ["https://h/x"],
        {},
    ],
)
def test_refuses_an_endpoint_that_is_no_address(name: str, value: object) -> None:
    with pytest.raises(ProviderUnavailable) as refusal:
        checked_metadata(changed(**{name: value}), ISSUER)
    assert refusal.value.code == "metadata_invalid"


def test_refuses_an_address_that_cannot_be_parsed() -> None:
    with pytest.raises(ProviderUnavailable):
        checked_metadata(changed(jwks_uri="https://[::1"), ISSUER)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_issuer_on_https_does_not_send_secrets_over_http(name: str) -> None:
    with pytest.raises(ProviderUnavailable):
        checked_metadata(changed(**{name: "http://logto.example/x"}), ISSUER)


def test_an_issuer_on_http_may_have_endpoints_on_http() -> None:
    local = "http://localhost:3001/oidc"
    document = {name: value.replace(ISSUER, local) for name, value in METADATA.items() if name in ENDPOINTS}
    assert checked_metadata({**document, "issuer": local}, local).token_endpoint == f"{local}/token"


@pytest.mark.parametrize("value", [..., None, "true", 1, False])
def test_iss_is_promised_by_true_alone(value: object) -> None:
    document = changed(authorization_response_iss_parameter_supported=value)
    assert checked_metadata(document, ISSUER).authorization_response_iss_parameter_supported is False


@pytest.mark.parametrize("value", [..., None, "ES384", {"ES384": 1}])
def test_no_algorithm_is_taken_from_what_is_no_list(value: object) -> None:
    document = changed(id_token_signing_alg_values_supported=value)
    assert checked_metadata(document, ISSUER).id_token_signing_alg_values_supported == ()
