"""The members that make a line one of the audit."""

import pytest

from passerelle import audit, login
from passerelle.errors import CrossSiteRequest, Forbidden, InvalidRequest, NotSignedIn, PasserelleError
from passerelle.otp import outcomes
from tests.support.journal import Json


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("0.0.0.0", "0.0.0.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("2001:db8::1", "2001:db8::/48"),
        ("", ""),
        ("localhost", ""),
        ("203.0.113", ""),
        ("203.0.113.7, 10.0.0.1", ""),
        ("203.0.113.7\0", ""),
        ("☃", ""),
    ],
)
def test_an_address_is_cut_to_its_network(address: str, network: str) -> None:
    assert audit.network_of(address) == network


def test_what_is_not_known_is_left_out() -> None:
    assert audit.entry("refused") == {"audit": 1, "outcome": "refused"}


@pytest.mark.parametrize(
    "context", [{}, {"http": None}, {"http": {}}, {"http": {"sourceIp": None}}, {"http": "x"}]
)
def test_an_event_without_an_origin_has_none(context: Json) -> None:
    with audit.request_of(context):
        assert "source" not in audit.entry("refused")


def test_a_request_within_another_gives_its_origin_back() -> None:
    with audit.request_of({"http": {"sourceIp": "203.0.113.7"}}):
        with audit.request_of({"http": {"sourceIp": "198.51.100.7"}}):
            assert audit.entry("refused")["source"] == "198.51.100.0/24"
        assert audit.entry("refused")["source"] == "203.0.113.0/24"
    assert "source" not in audit.entry("refused")


@pytest.mark.parametrize(
    ("error", "is_audit"),
    [(CrossSiteRequest(), True), (Forbidden(), True), (NotSignedIn(), False), (InvalidRequest(), False)],
)
def test_of_the_requests_that_are_refused_those_belong_to_it_that_somebody_had_no_right_to(
    error: PasserelleError, is_audit: bool
) -> None:
    assert ("audit" in audit.refused_request(error).members) is is_audit


def test_what_an_error_knows_of_whom_it_concerns_is_in_its_line(journal: list[Json]) -> None:
    error = InvalidRequest(reason="a reason")
    error.about = {"who": "n_Vi14kl-Z9RABSh9ATd8Q"}
    audit.report(error, audit.refused_call("webhook_refused"))
    [line] = journal
    assert (line["who"], line["outcome"], line["code"]) == (error.about["who"], "refused", "invalid_request")
    assert InvalidRequest().about == {}


@pytest.mark.parametrize("error", [CrossSiteRequest(), Forbidden()])
def test_what_somebody_had_no_right_to_is_no_failure_of_a_sign_in_or_of_a_message(
    error: PasserelleError,
) -> None:
    assert login.told(error).members["outcome"] == "refused"
    assert outcomes.told(error).members["outcome"] == "unauthorized"
