"""The lists of suppressed addresses, and which key opens them."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from local.mailgun import EmbeddedMailgun

DOMAIN = "mg.example.com"
KEY = "key-of-the-test"
SENDING_KEY = "key-for-sending"
MAIL = {"from": "sign-in@mg.example.com", "subject": "Your code", "text": "123456"}
GONE = "5.1.1 The email account that you tried to reach does not exist"
AT = "Tue, 14 Nov 2023 22:13:20 GMT"
KINDS = ["bounces", "complaints"]


@pytest.fixture
def mailgun() -> EmbeddedMailgun:
    return EmbeddedMailgun(domain=DOMAIN, api_key=KEY, sending_key=SENDING_KEY, clock=lambda: 1_700_000_000.5)


@pytest.fixture
def client(mailgun: EmbeddedMailgun) -> FlaskClient:
    return mailgun.app.test_client()


def ask(client: FlaskClient, path: str, method: str = "GET", auth: Any = ("api", KEY)) -> TestResponse:
    return client.open(path if "://" in path else f"/v3/{DOMAIN}/{path}", method=method, auth=auth)


def answer(client: FlaskClient, path: str, method: str = "GET") -> tuple[int, Any]:
    response = ask(client, path, method)
    return response.status_code, response.json


def send(client: FlaskClient, to: str, auth: Any = ("api", KEY)) -> int:
    return client.post(f"/v3/{DOMAIN}/messages", data={**MAIL, "to": to}, auth=auth).status_code


def test_a_bounce_is_listed(client: FlaskClient) -> None:
    send(client, "Bounce+a@Example.com")
    bounce = {"address": "bounce+a@example.com", "code": "550", "error": GONE, "created_at": AT}
    assert ask(client, "bounces").json["items"] == [bounce]  # type: ignore[index]
    assert answer(client, "bounces/bounce+a@example.com") == (200, bounce)
    assert answer(client, "bounces/BOUNCE%2Ba%40example.com") == (200, bounce)
    assert answer(client, "complaints/bounce+a@example.com")[0] == 404


def test_a_complaint_is_listed(client: FlaskClient) -> None:
    send(client, "complain@example.com")
    complaint = {"address": "complain@example.com", "created_at": AT}
    assert ask(client, "complaints").json["items"] == [complaint]  # type: ignore[index]
    assert answer(client, "complaints/complain@example.com") == (200, complaint)
    assert ask(client, "bounces").json["items"] == []  # type: ignore[index]


@pytest.mark.parametrize("to", ["ada@example.com", "full@example.com"])
def test_others_are_not(client: FlaskClient, to: str) -> None:
    send(client, to)
    assert [ask(client, kind).json["items"] for kind in KINDS] == [[], []]  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "address", "removed", "missing"),
    [
        (
            "bounces",
            "bounce@example.com",
            "Bounced address has been removed",
            "Address not found in bounces table",
        ),
        (
            "complaints",
            "complain@example.com",
            "Spam complaint has been removed",
            "No spam complaints found for this address",
        ),
    ],
)
def test_removing(client: FlaskClient, kind: str, address: str, removed: str, missing: str) -> None:
    send(client, address)
    send(client, "bounce+other@example.com")
    send(client, "complain+other@example.com")
    path = f"{kind}/{address}"
    assert answer(client, path, "DELETE") == (200, {"message": removed, "address": address})
    for method in ("GET", "DELETE"):
        assert answer(client, path, method) == (404, {"message": missing})
    assert [len(ask(client, kind).json["items"]) for kind in KINDS] == [1, 1]  # type: ignore[index]


def test_an_address_may_hold_a_slash(client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
    mailgun.suppressions.add("bounces", "a/b@example.com", 0, "550")
    assert ask(client, "bounces/a%2Fb@example.com").json["address"] == "a/b@example.com"  # type: ignore[index]


class TestPaging:
    @pytest.fixture(autouse=True)
    def _list(self, mailgun: EmbeddedMailgun) -> None:
        for name in ("d", "b", "e+1", "a", "c"):
            mailgun.suppressions.add("bounces", f"{name}@example.com", 0, "550")

    def pages(self, client: FlaskClient, path: str, way: str) -> list[str]:
        """The names on each page until one is empty."""
        found: list[str] = []
        for _ in range(9):
            page: Any = ask(client, path).json
            if not page["items"]:
                return found
            found.append(" ".join(item["address"].partition("@")[0] for item in page["items"]))
            path = page["paging"][way]
        pytest.fail(f"no end: {found}")

    def test_forwards_by_address_until_a_page_is_empty(self, client: FlaskClient) -> None:
        assert self.pages(client, "bounces?limit=2", "next") == ["a b", "c d", "e+1"]

    def test_backwards_from_the_last(self, client: FlaskClient) -> None:
        first: Any = ask(client, "bounces?limit=2").json
        assert self.pages(client, first["paging"]["last"], "previous") == ["d e+1", "b c", "a"]
        last: Any = ask(client, first["paging"]["last"]).json
        assert ask(client, last["paging"]["first"]).json == first

    @pytest.mark.parametrize(
        ("query", "length"), [("", 5), ("?limit=0", 1), ("?limit=x", 5), ("?limit=99999", 5)]
    )
    def test_any_limit_will_do(self, client: FlaskClient, query: str, length: int) -> None:
        assert len(ask(client, f"bounces{query}").json["items"]) == length  # type: ignore[index]

    def test_a_hundred_unless_told(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        for number in range(120):
            mailgun.suppressions.add("bounces", f"{number}@example.com", 0)
        assert len(ask(client, "bounces").json["items"]) == 100  # type: ignore[index]

    def test_a_removal_on_the_way_skips_nobody(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        first: Any = ask(client, "bounces?limit=2").json
        mailgun.suppressions.remove("bounces", "b@example.com")
        assert self.pages(client, first["paging"]["next"], "next") == ["c d", "e+1"]


class TestKeys:
    REQUESTS = (
        ("GET", "bounces"),
        ("GET", "bounces/bounce@example.com"),
        ("DELETE", "bounces/bounce@example.com"),
        ("GET", "complaints"),
        ("DELETE", "complaints/bounce@example.com"),
    )

    @pytest.mark.parametrize("auth", [None, ("api", "wrong"), ("me", KEY), ("api", ""), ("api", SENDING_KEY)])
    @pytest.mark.parametrize(("method", "path"), REQUESTS)
    def test_only_the_accounts_key_opens_the_lists(
        self, client: FlaskClient, method: str, path: str, auth: Any
    ) -> None:
        send(client, "bounce@example.com")
        response = ask(client, path, method, auth)
        assert (response.status_code, response.text, response.mimetype) == (401, "Forbidden", "text/plain")
        assert answer(client, "bounces/bounce@example.com")[0] == 200

    @pytest.mark.parametrize(("method", "path"), REQUESTS)
    def test_another_domain_is_not_found(self, client: FlaskClient, method: str, path: str) -> None:
        response = client.open(f"/v3/other.example.com/{path}", method=method, auth=("api", KEY))
        assert response.status_code == 404
        assert response.json == {"message": "Domain not found: other.example.com"}

    def test_the_sending_key_sends(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        assert send(client, "ada@example.com", ("api", SENDING_KEY)) == 200
        assert send(client, "ada@example.com", ("me", SENDING_KEY)) == 401
        assert len(mailgun.messages) == 1

    def test_no_sending_key_is_not_an_empty_one(self, client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
        mailgun.sending_key = ""
        assert send(client, "ada@example.com", ("api", "")) == 401
        assert send(client, "ada@example.com", ("api", SENDING_KEY)) == 401


def test_misbehaviour_is_for_messages_alone(client: FlaskClient, mailgun: EmbeddedMailgun) -> None:
    mailgun.misbehave.script = [(500, "broken")]
    mailgun.misbehave.answer = (503, "down")
    assert answer(client, "bounces")[0] == 200
    assert [send(client, "ada@example.com") for _ in range(2)] == [500, 503]
