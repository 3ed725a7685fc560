"""What became of a message is told to the app, after the sender has its answer, and again if need be."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import flask
import httpx
import pytest
from werkzeug.test import TestResponse

from local.mailgun import EmbeddedMailgun
from local.serving import Server

DOMAIN = "mg.example.com"
KEY = "key-of-the-test"
PATH = f"/v3/{DOMAIN}/messages"
SIGNING_KEY = "signing-key-of-the-test"
NOW = 1_700_000_000.5
MAIL = {"from": "Example <sign-in@mg.example.com>", "subject": "Your code", "text": "123456"}


class App:
    """Takes webhooks; answers what it is told to, 200 when it runs out of that."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()
        self.flask = flask.Flask(__name__)
        self.flask.post("/webhook")(self.take)

    def take(self) -> tuple[str, int]:
        self.bodies.append(json.loads(flask.request.get_data()))
        assert flask.request.mimetype == "application/json"
        self.asked.set()
        self.gate.wait(5)
        return "", self.answers.pop(0) if self.answers else 200

    @property
    def events(self) -> list[str]:
        return [body["event-data"]["event"] for body in self.bodies]


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def mailgun(app: App) -> Iterator[EmbeddedMailgun]:
    server = Server(app.flask, "127.0.0.1", 0)
    server.start()
    mailgun = EmbeddedMailgun(
        domain=DOMAIN,
        api_key=KEY,
        webhook_signing_key=SIGNING_KEY,
        webhook_url=f"{server.url}/webhook",
        retry_delays=(0.01, 0.01),
        clock=lambda: NOW,
    )
    yield mailgun
    app.gate.set()
    mailgun.close()
    server.close()


def send(mailgun: EmbeddedMailgun, to: str = "ada@example.com", **more: Any) -> TestResponse:
    data = {**MAIL, "to": to, **more}
    # Buffered, the client closes the response as a server does.
    return mailgun.app.test_client().post(PATH, data=data, auth=("api", KEY), buffered=True)


def test_the_body_is_mailguns(mailgun: EmbeddedMailgun, app: App) -> None:
    variables = '{"colour": "red", "n": 1, "both": "header"}'
    own: dict[str, Any] = {"o:tag": ["otp", "sign-in"], "v:delivery-id": "7", "v:both": "field"}
    answer = send(mailgun, **own, **{"h:X-Mailgun-Variables": variables, "t:variables": '{"code": "1"}'})
    mailgun.settle()
    [body] = app.bodies
    event = body["event-data"]
    assert body.keys() == {"signature", "event-data"}
    assert (event["event"], event["timestamp"], event["recipient"]) == ("delivered", NOW, "ada@example.com")
    assert event["id"]
    assert event["tags"] == ["otp", "sign-in"]
    assert event["user-variables"] == {"colour": "red", "n": 1, "both": "field", "delivery-id": "7"}
    assert answer.json["id"] == f"<{event['message']['headers']['message-id']}>"  # type: ignore[index]
    assert (event["delivery-status"]["code"], event["delivery-status"]["message"]) == (250, "OK")
    assert "severity" not in event


def test_the_signature_covers_time_and_token(mailgun: EmbeddedMailgun, app: App) -> None:
    send(mailgun)
    send(mailgun)
    mailgun.settle()
    first, second = (body["signature"] for body in app.bodies)
    assert first["timestamp"] == "1700000000"
    assert len(first["token"]) == 50
    assert first["token"] != second["token"]
    text = (first["timestamp"] + first["token"]).encode()
    assert first["signature"] == hmac.new(SIGNING_KEY.encode(), text, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("broken", ["{", "[1]", '"text"', ""])
def test_variables_that_are_no_object_are_left_out(mailgun: EmbeddedMailgun, app: App, broken: str) -> None:
    send(mailgun, **{"h:X-Mailgun-Variables": broken})
    mailgun.settle()
    assert app.bodies[0]["event-data"]["user-variables"] == {}


def test_no_variable_breaks_the_posting(mailgun: EmbeddedMailgun, app: App) -> None:
    send(mailgun, **{"h:X-Mailgun-Variables": '{"half": "\\ud800", "none": NaN}'})
    mailgun.settle()
    assert app.bodies[0]["event-data"]["user-variables"]["half"] == "\ud800"


def test_the_sender_has_its_answer_before(mailgun: EmbeddedMailgun, app: App) -> None:
    answer = mailgun.app.test_client().post(PATH, data={**MAIL, "to": "ada@example.com"}, auth=("api", KEY))
    with pytest.raises(TimeoutError):
        mailgun.settle(0.1)
    assert app.bodies == []
    answer.close()
    mailgun.settle()
    assert app.events == ["delivered"]


def test_a_real_server_sends_them_too_and_does_not_wait(mailgun: EmbeddedMailgun, app: App) -> None:
    app.gate.clear()
    server = Server(mailgun.app, "127.0.0.1", 0)
    server.start()
    url = f"{server.url}{PATH}"
    answer = httpx.post(
        url, data={**MAIL, "to": "ada@example.com"}, auth=("api", KEY), timeout=2, trust_env=False
    )
    assert answer.status_code == 200
    app.gate.set()
    mailgun.settle()
    server.close()
    assert app.events == ["delivered"]


@pytest.mark.parametrize("more", [{"o:testmode": "yes"}, {"to": "bounce@example.com", "o:testmode": "yes"}])
def test_test_mode_tells_nothing(mailgun: EmbeddedMailgun, app: App, more: dict[str, str]) -> None:
    send(mailgun, **more)
    mailgun.settle()
    assert app.bodies == []
    assert mailgun.suppressions.all("bounces") == []


def test_nobody_to_tell(mailgun: EmbeddedMailgun, app: App) -> None:
    mailgun.webhook_url = ""
    send(mailgun)
    mailgun.settle()
    assert (app.bodies, mailgun.posted) == ([], [])


def test_refused_mail_is_not_told(mailgun: EmbeddedMailgun, app: App) -> None:
    mailgun.misbehave.script = [(500, "broken")]
    assert send(mailgun).status_code == 500
    mailgun.settle()
    assert app.bodies == []


@pytest.mark.parametrize(
    ("answers", "attempts"),
    [([200], 1), ([406], 1), ([500, 200], 2), ([204, 302, 200], 3), ([404, 406], 2), ([500] * 9, 3)],
)
def test_anything_but_yes_and_never_is_tried_again(
    mailgun: EmbeddedMailgun, app: App, answers: list[int], attempts: int
) -> None:
    app.answers = list(answers)
    send(mailgun, "bounce@example.com")
    mailgun.settle()
    assert [posted.status for posted in mailgun.posted] == answers[:attempts]
    assert app.bodies == [app.bodies[0]] * attempts, "a retry is the same to the letter, signature included"


def test_a_delivery_is_told_once(mailgun: EmbeddedMailgun, app: App) -> None:
    app.answers = [500]
    send(mailgun)
    mailgun.settle()
    assert app.events == ["delivered"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://", "nonsense", "http://[", "http://a\x00b/"])
def test_an_app_that_is_not_there_is_tried_again(mailgun: EmbeddedMailgun, app: App, url: str) -> None:
    there, mailgun.webhook_url = mailgun.webhook_url, url
    send(mailgun, "bounce@example.com")
    mailgun.settle()
    assert [posted.status for posted in mailgun.posted] == [None] * 3
    mailgun.webhook_url = there
    send(mailgun)
    mailgun.settle()
    assert app.events == ["delivered"]


def test_retries_wait_as_long_as_the_real_ones() -> None:
    mailgun = EmbeddedMailgun(domain=DOMAIN, api_key=KEY)
    assert [delay / 60 for delay in mailgun.retry_delays] == [10, 10, 15, 30, 60, 120, 240]


@pytest.mark.parametrize(
    ("name", "events"), [("full", ["failed", "delivered"]), ("complain", ["delivered", "complained"])]
)
def test_events_come_in_their_order(mailgun: EmbeddedMailgun, app: App, name: str, events: list[str]) -> None:
    for number in range(10):
        send(mailgun, f"{name}+{number}@example.com")
    mailgun.settle()
    assert app.events == events * 10


def test_events_of_one_message_may_come_with_a_pause(mailgun: EmbeddedMailgun, app: App) -> None:
    mailgun.pause = 0.3
    started = time.monotonic()
    send(mailgun, "full@example.com")
    mailgun.settle()
    assert time.monotonic() - started >= 0.3
    assert [body["event-data"]["timestamp"] for body in app.bodies] == [NOW, NOW + 0.3]


@pytest.mark.parametrize("end", [EmbeddedMailgun.clear, EmbeddedMailgun.close])
def test_the_end_of_pending_webhooks(mailgun: EmbeddedMailgun, app: App, end: Any) -> None:
    app.answers = [500] * 3
    app.gate.clear()
    send(mailgun, "bounce@example.com")
    send(mailgun)
    assert app.asked.wait(5)
    threading.Timer(0.1, app.gate.set).start()
    end(mailgun)
    threads = [thread for thread in threading.enumerate() if thread.name == "mailgun-webhooks"]
    mailgun.settle()
    time.sleep(0.1)
    assert (app.events, threads) == (["failed"], [])
