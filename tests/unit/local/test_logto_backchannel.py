"""Logout tokens that the embedded Logto posts when a browser signs out."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.logto import backchannel
from tests.unit.local.test_logto_journey import GOODBYE, OTHER, WEB, Lab, answer, decode, serving
from tests.unit.local.test_logto_logout import END, log_out
from tests.unit.local.test_logto_webhooks import Receiver

EVENTS: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def receiver(lab: Lab) -> Receiver:
    receiver = Receiver(sessions=lab.logto.sessions)
    register(lab, lab.stack.enter_context(serving(receiver)))
    return receiver


def register(lab: Lab, url: str, required: bool = True) -> None:
    for client in (WEB, OTHER):
        uri = f"{url}/{client.id}"
        known = replace(client, backchannel_logout_uri=uri, backchannel_logout_session_required=required)
        lab.logto.clients[client.id] = known


def tokens(lab: Lab) -> list[dict[str, Any]]:
    return [decode(delivery.form["logout_token"])[1] for delivery in lab.logto.backchannel]


def test_the_request_is_the_one_that_logto_makes(lab: Lab, receiver: Receiver) -> None:
    browser = lab.browser()
    _, id_token = decode(lab.tokens(browser)["id_token"])
    log_out(browser, client_id="web", post_logout_redirect_uri=GOODBYE)
    (delivery,), (headers,) = lab.logto.backchannel, receiver.headers
    assert receiver.bodies == [delivery.body]
    assert delivery.form.keys() == {"logout_token"}
    assert headers == {
        "host": urlsplit(delivery.url).netloc,
        "connection": "keep-alive",
        "content_type": "application/x-www-form-urlencoded",
        "user_agent": "",
        "accept": "*/*",
        "accept_language": "*",
        "sec_fetch_mode": "cors",
        "accept_encoding": "gzip, deflate",
    }
    header, claims = decode(delivery.form["logout_token"])
    assert header == {"alg": "ES384", "typ": "logout+jwt", "kid": lab.logto.keys.current.kid}
    assert len(claims.pop("jti")) == 43
    now = int(lab.clock())
    times = {"exp": now + 120, "iat": now}
    who = {"sub": id_token["sub"], "sid": id_token["sid"], "aud": "web", "iss": lab.issuer}
    assert claims == {"events": EVENTS, **times, **who}
    assert (delivery.status, delivery.answer) == (200, "told")
    assert delivery.answer_headers["cache-control"] == "no-store"


def test_without_the_need_of_a_session_id_there_is_none(lab: Lab, receiver: Receiver) -> None:
    register(lab, "http://localhost:1", required=False)
    browser = lab.browser()
    assert "sid" not in decode(lab.tokens(browser)["id_token"])[1]
    log_out(browser)
    (claims,) = tokens(lab)
    assert "sid" not in claims
    assert "sub" in claims


def test_a_session_id_needs_an_address_to_be_of_use(lab: Lab) -> None:
    lab.logto.clients["web"] = replace(WEB, backchannel_logout_session_required=True)
    assert "sid" not in decode(lab.tokens()["id_token"])[1]


def test_the_session_id_is_the_browsers_for_one_application(lab: Lab, receiver: Receiver) -> None:
    browser = lab.browser()
    first = lab.tokens(browser)
    again = lab.tokens(browser, prompt="login consent")
    refreshed = lab.refresh(first["refresh_token"]).json()
    elsewhere = lab.tokens()
    sids = [decode(got["id_token"])[1]["sid"] for got in (first, again, refreshed, elsewhere)]
    assert sids[0] == sids[1] == sids[2] != sids[3]


def test_every_application_of_the_browser_is_told_and_no_other(lab: Lab, receiver: Receiver) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    lab.sign_in(lab.browser(), "grace@example.com")
    lab.authorize(browser, client_id="other", redirect_uri=OTHER.redirect_uris[0])
    log_out(browser, client_id="web", post_logout_redirect_uri=GOODBYE)
    assert {claims["aud"] for claims in tokens(lab)} == {"web", "other"}
    assert {urlsplit(delivery.url).path for delivery in lab.logto.backchannel} == {"/web", "/other"}
    assert len({claims["sid"] for claims in tokens(lab)}) == 2
    assert len({claims["sub"] for claims in tokens(lab)}) == 1


def test_it_is_told_once_and_for_all(lab: Lab, receiver: Receiver) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    log_out(browser)
    log_out(browser)
    assert len(receiver.bodies) == 1


def test_it_happens_while_the_sign_out_is_handled(lab: Lab, receiver: Receiver) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    browser.get(END)
    assert receiver.bodies == []
    log_out(browser)
    assert receiver.signed_in == [1]


@pytest.mark.parametrize("status", ["400 Bad Request", "500 Internal Server Error", "503 Unavailable"])
def test_what_the_application_answers_changes_nothing(lab: Lab, receiver: Receiver, status: str) -> None:
    receiver.status = status
    browser = lab.browser()
    lab.sign_in(browser)
    done = log_out(browser, client_id="web", post_logout_redirect_uri=GOODBYE)
    assert done.headers["location"] == GOODBYE
    assert answer(lab.authorize(browser, prompt="none"))["error"] == "login_required"
    assert len(receiver.bodies) == 1
    assert lab.logto.backchannel[0].status == int(status[:3])


def test_an_application_that_is_gone_or_hangs_is_not_waited_for(
    lab: Lab, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backchannel, "TIMEOUT", 0.2)
    receiver.pause = 1.5
    lab.logto.clients["other"] = replace(OTHER, backchannel_logout_uri="http://localhost:1/")
    browser = lab.browser()
    lab.sign_in(browser)
    lab.authorize(browser, client_id="other", redirect_uri=OTHER.redirect_uris[0])
    begun = time.monotonic()
    assert log_out(browser).status_code == 303
    assert time.monotonic() - begun < 1.2
    assert [delivery.status for delivery in lab.logto.backchannel] == [None, None]


def test_whoever_is_shut_out_is_not_told_of(lab: Lab, receiver: Receiver) -> None:
    lab.sign_in(lab.browser())
    lab.logto.suspend("ada@example.com")
    lab.logto.delete_user("ada@example.com")
    assert lab.logto.backchannel == []


def test_a_sign_out_can_send_a_token_that_breaks_a_rule(lab: Lab, receiver: Receiver) -> None:
    lab.logto.misbehave.logout_token = {"nonce": "n", "typ": None}
    browser = lab.browser()
    lab.sign_in(browser)
    log_out(browser)
    header, claims = decode(lab.logto.backchannel[0].form["logout_token"])
    assert "typ" not in header
    assert claims["nonce"] == "n"
    assert claims["sub"] in lab.logto.users
