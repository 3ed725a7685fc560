"""Who goes round CloudFront is refused, and only CloudFront is believed when it says who asks."""

import json
from hashlib import sha256
from typing import Any

import pytest

from passerelle.errors import Misconfigured, NotThroughFront
from passerelle.front import demand_front, viewer_address
from passerelle.request import Request, parse
from passerelle.settings import front_digests
from passerelle.web import Response, endpoint, endpoint_with, json_response, logout_refusal

TOKEN, NEXT = "the-token-of-cloudfront", "the-one-after-it"
DIGEST, NEXT_DIGEST = (sha256(token.encode()).hexdigest() for token in (TOKEN, NEXT))


def event(**headers: str) -> dict[str, Any]:
    context = {"requestId": "r-1", "http": {"method": "GET", "sourceIp": "192.0.2.1"}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"rawPath": "/x", "headers": named, "requestContext": context}


@pytest.mark.parametrize("token", [TOKEN, NEXT, "", "anything"])
def test_without_a_front_all_may_pass(token: str) -> None:
    demand_front(token, ())


def test_behind_a_front_only_its_token_opens() -> None:
    demand_front(TOKEN, (DIGEST,))
    for token in ("", "another", DIGEST, TOKEN.upper(), f"{TOKEN},{TOKEN}", f" {TOKEN}", "é"):
        with pytest.raises(NotThroughFront):
            demand_front(token, (DIGEST,))


def test_while_it_is_replaced_both_tokens_open() -> None:
    for token in (TOKEN, NEXT):
        demand_front(token, (DIGEST, NEXT_DIGEST))
    with pytest.raises(NotThroughFront):
        demand_front("another", (DIGEST, NEXT_DIGEST))


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("198.51.100.7:46532", "198.51.100.7"),
        ("2001:db8::8a2e:370:7334:46532", "2001:db8::8a2e:370:7334"),
        ("[2001:db8::1]:46532", "2001:db8::1"),
        ("", ""),
    ],
)
def test_the_visitors_address_comes_without_its_port(header: str, address: str) -> None:
    assert viewer_address({"cloudfront-viewer-address": header}) == address


def test_cloudfronts_word_for_the_address_counts_behind_it_only() -> None:
    claimed = event(x_passerelle_front=TOKEN, cloudfront_viewer_address="198.51.100.7:1")
    assert parse(claimed, (DIGEST,)).client_address == "198.51.100.7"
    assert parse(claimed).client_address == "192.0.2.1"


def test_the_token_goes_no_further() -> None:
    assert "x-passerelle-front" not in parse(event(X_Passerelle_Front=TOKEN), (DIGEST,)).headers


def test_a_request_round_the_front_reaches_no_function_and_learns_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reached: list[Request] = []

    @endpoint
    def handler(request: Request) -> Response:
        reached.append(request)
        return json_response({})

    monkeypatch.setenv("FRONT_SECRET_SHA256", DIGEST)
    answer = handler(event(x_passerelle_front="a-guess"), None)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (403, "not_through_front")
    assert not reached
    assert DIGEST not in json.dumps(answer)
    assert "a-guess" not in json.dumps(answer) + capsys.readouterr().out
    assert handler(event(x_passerelle_front=TOKEN), None)["statusCode"] == 200
    monkeypatch.delenv("FRONT_SECRET_SHA256")
    assert handler(event(), None)["statusCode"] == 200


def test_a_logout_round_the_front_is_refused_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONT_SECRET_SHA256", DIGEST)
    handler = endpoint_with(logout_refusal)(lambda _: json_response({}))
    assert handler(event(), None)["statusCode"] == 400


def test_a_digest_that_is_none_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert front_digests({"FRONT_SECRET_SHA256": f"{DIGEST},{NEXT_DIGEST}"}) == (DIGEST, NEXT_DIGEST)
    for wrong in ("x", TOKEN, DIGEST.upper(), DIGEST[:-1], f"{DIGEST},x"):
        with pytest.raises(Misconfigured, match="FRONT_SECRET_SHA256"):
            front_digests({"FRONT_SECRET_SHA256": wrong})
    monkeypatch.setenv("FRONT_SECRET_SHA256", "x")
    assert endpoint(lambda _: json_response({}))(event(), None)["statusCode"] == 500
