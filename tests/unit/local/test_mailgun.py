"""The embedded Mailgun answers as the real one and keeps the mail for reading."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from local.mailgun import DROP, EmbeddedMailgun, Misbehaviour

DOMAIN = "mg.example.com"
KEY = "key-of-the-test"
PATH = f"/v3/{DOMAIN}/messages"
MAIL: dict[str, Any] = {
    "from": "Example <sign-in@mg.example.com>",
    "to": "ada@example.com",
    "subject": "Your code",
    "text": "Your code is 123456.",
}
INVALID = "parameter is not a valid address. please check documentation"
TOO_MANY_OPTIONS = "The 'o:', 'h:' and 'v:' parameters together are larger than 16 kB"
TAGS: dict[str, Any] = {"o:tag": ["otp", "sign-in"]}


@pytest.fixture
def mailgun() -> EmbeddedMailgun:
    return EmbeddedMailgun(domain=DOMAIN, api_key=KEY, clock=lambda: 1_700_000_000.5)


@pytest.fixture
def client(mailgun: EmbeddedMailgun) -> FlaskClient:
    return mailgun.app.test_client()


@pytest.fixture
def served(mailgun: EmbeddedMailgun) -> Iterator[httpx.Client]:
    server = make_server("127.0.0.1", 0, mailgun.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", auth=("api", KEY)) as http:
        yield http
    server.shutdown()
    thread.join()
    server.server_close()


def send(client: FlaskClient, path: str = PATH, auth: Any = ("api", KEY), **changes: Any) -> TestResponse:
    fields = {name: value for name, value in {**MAIL, **changes}.items() if value is not None}
    return client.post(path, data=fields, auth=auth)


def inbox(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(client.get("/api/messages" + query).text)
    return found


class TestSending:
    def test_a_good_message_is_queued_and_kept(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        response = send(client)
        assert response.status_code == 200
        assert response.json == {"id": mailgun.messages[0].id, "message": "Queued. Thank you."}
        assert mailgun.messages[0].id.endswith(f"@{DOMAIN}>")
        assert mailgun.messages[0].text == MAIL["text"]

    def test_multipart_is_as_good_as_urlencoded(self, served: httpx.Client, mailgun: EmbeddedMailgun) -> None:
        answer = served.post(PATH, data=MAIL, files={"attachment": ("terms.pdf", b"%PDF")})
        assert answer.status_code == 200
        assert mailgun.messages[0].subject == "Your code"
        assert mailgun.messages[0].get("attachment") == "terms.pdf"

    @pytest.mark.parametrize("auth", [None, ("api", "wrong"), ("wrong", KEY)])
    def test_a_wrong_key_is_forbidden_in_plain_text(self, client: FlaskClient, auth: Any) -> None:
        response = send(client, auth=auth)
        assert (response.status_code, response.text, response.mimetype) == (401, "Forbidden", "text/plain")

    def test_another_domain_is_not_found(self, client: FlaskClient) -> None:
        response = send(client, "/v3/other.example.com/messages")
        assert response.status_code == 404
        assert response.json == {"message": "Domain not found: other.example.com"}

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"to": None}, "to parameter is missing"),
            ({"to": " "}, "to parameter is missing"),
            ({"to": None, "from": None}, "to parameter is missing"),
            ({"to": "ada"}, f"to {INVALID}"),
            ({"to": "ada@home"}, f"to {INVALID}"),
            ({"to": ["ada@example.com", "bob"]}, f"to {INVALID}"),
            ({"from": None}, "from parameter is missing"),
            ({"from": "nobody"}, f"from {INVALID}"),
            ({"text": None}, "Need at least one of 'text' or 'html' parameters specified"),
            ({"html": "<p>", "template": "otp"}, "Only one parameters 'html' or 'template' is allowed"),
            ({"v:a": "x" * 8192, "h:B": "x" * 8192}, TOO_MANY_OPTIONS),
        ],
    )
    def test_bad_requests(
        self, client: FlaskClient, mailgun: EmbeddedMailgun, changes: dict[str, Any], reason: str
    ) -> None:
        response = send(client, **changes)
        assert (response.status_code, response.json) == (400, {"message": reason})
        assert mailgun.messages == []

    @pytest.mark.parametrize("to", ["Ada L <ada@example.com>", "ada@example.com, bob@example.com"])
    def test_names_and_lists_are_good_recipients(self, client: FlaskClient, to: str) -> None:
        assert send(client, to=to).status_code == 200

    def test_a_template_needs_no_body(self, client: FlaskClient) -> None:
        template = {"template": "otp", "t:variables": '{"code": "123456"}'}
        assert send(client, text=None, **template).status_code == 200
        assert inbox(client)[0].items() >= template.items()

    def test_test_mode_delivers_nothing(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        assert send(client, **{"o:testmode": "yes"}).json["message"] == "Queued. Thank you."  # type: ignore[index]
        assert mailgun.messages == []

    def test_a_huge_request_is_refused(self, client: FlaskClient) -> None:
        response = client.post(PATH, environ_overrides={"CONTENT_LENGTH": "60000000"}, auth=("api", KEY))
        assert response.status_code == 413

    @pytest.mark.parametrize(
        "path", ["/v3/v3/mg.example.com/messages", "/mg.example.com/messages", "/v3", "/"]
    )
    def test_a_wrong_path_looks_like_success(self, client: FlaskClient, path: str) -> None:
        response = send(client, path)
        assert (response.status_code, response.text) == (200, "Mailgun Magnificent API")

    def test_every_request_is_noted(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        send(client, auth=None, **TAGS)
        assert mailgun.requests[0].path == PATH
        assert {("o:tag", "otp"), ("o:tag", "sign-in")} <= set(mailgun.requests[0].fields)


class TestMisbehaving:
    def test_a_given_answer(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        mailgun.misbehave.answer = (429, {"message": "limit exceeded"})
        for response in (send(client), send(client)):
            assert (response.status_code, response.json) == mailgun.misbehave.answer
        assert mailgun.messages == []

    def test_a_script_is_played_once(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        mailgun.misbehave.script = [(500, "broken"), None, (402, {"message": "Request Failed"})]
        assert [send(client).status_code for _ in range(4)] == [500, 200, 402, 200]

    @pytest.mark.parametrize("fault", [Misbehaviour(drop=True), Misbehaviour(script=[DROP])])
    def test_a_dropped_connection(
        self, served: httpx.Client, mailgun: EmbeddedMailgun, fault: Misbehaviour
    ) -> None:
        mailgun.misbehave = fault
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            served.post(PATH, data=MAIL)
        assert (len(mailgun.requests), mailgun.messages) == (1, [])

    def test_a_late_answer_comes_after_the_mail(self, served: httpx.Client, mailgun: EmbeddedMailgun) -> None:
        mailgun.misbehave.delay = 0.3
        with pytest.raises(httpx.ReadTimeout):
            served.post(PATH, data=MAIL, timeout=0.1)
        assert len(mailgun.messages) == 1

    def test_clearing_makes_it_new(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        send(client)
        mailgun.misbehave.answer = (500, "broken")
        mailgun.clear()
        assert (mailgun.messages, mailgun.requests) == ([], [])
        assert send(client).status_code == 200


class TestReading:
    def test_newest_first_with_every_field_as_sent(
        self, client: FlaskClient, mailgun: EmbeddedMailgun
    ) -> None:
        send(client)
        send(client, subject="Second", **TAGS, **{"v:delivery-id": "7"})
        second, first = inbox(client)
        assert first["subject"] == "Your code"
        assert second == {
            "from": MAIL["from"],
            "to": "ada@example.com",
            "subject": "Second",
            "html": "",
            "text": MAIL["text"],
            "o:tag": ["otp", "sign-in"],
            "v:delivery-id": "7",
            "id": mailgun.messages[0].id,
            "received_at": "2023-11-14T22:13:20.500+00:00",
        }

    def test_a_form_cannot_choose_its_id(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        send(client, id="mine")
        assert inbox(client)[0]["id"] == mailgun.messages[0].id

    def test_mail_of_one_recipient(self, client: FlaskClient) -> None:
        send(client, to="Ada <Ada@example.com>")
        send(client, to="bob@example.com")
        assert [message["to"] for message in inbox(client, "?to=ada@example.com")] == [
            "Ada <Ada@example.com>"
        ]

    def test_deleting(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        send(client)
        assert client.delete("/api/messages").status_code == 204
        assert inbox(client) == []
        assert len(mailgun.requests) == 1

    def test_only_the_newest_500_are_kept(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        for number in range(501):
            send(client, subject=str(number))
        assert len(mailgun.messages) == 500
        assert (mailgun.messages[0].subject, mailgun.messages[-1].subject) == ("500", "1")

    def test_an_unchanged_mailbox_is_not_sent_again(self, client: FlaskClient) -> None:
        etag = client.get("/api/messages").headers["ETag"]
        assert client.get("/api/messages", headers={"If-None-Match": etag}).status_code == 304
        send(client)
        assert client.get("/api/messages", headers={"If-None-Match": etag}).status_code == 200

    @pytest.mark.parametrize(
        ("path", "mimetype"),
        [("/", "text/html"), ("/mailbox.js", "text/javascript"), ("/mailbox.css", "text/css")],
    )
    def test_only_its_own_script_runs(self, client: FlaskClient, path: str, mimetype: str) -> None:
        with client.get(path) as response:
            assert (response.status_code, response.mimetype) == (200, mimetype)
            assert "script-src 'self';" in response.headers["Content-Security-Policy"]

    @pytest.mark.parametrize(
        "host", ["localhost:8025", "mail.localhost", "127.0.0.1", "[::1]:8025", "192.168.1.7", "10.0.0.1:80"]
    )
    def test_local_hosts_are_served(self, client: FlaskClient, host: str) -> None:
        assert client.get("/api/messages", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "8.8.8.8", "[", "127.0.0.1.nip.io"]
    )
    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/"), ("GET", "/api/messages"), ("DELETE", "/api/messages")]
    )
    def test_foreign_hosts_are_refused(self, client: FlaskClient, method: str, path: str, host: str) -> None:
        assert client.open(path, method=method, headers={"Host": host}).status_code == 403

    def test_programs_may_send_from_a_container(self, client: FlaskClient) -> None:
        headers = {"Host": "host.docker.internal:8025"}
        assert client.post(PATH, data=MAIL, auth=("api", KEY), headers=headers).status_code == 200
