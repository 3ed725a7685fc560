"""Webhooks registered by Mailgun's API, and who is told of what then."""

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from local.mailgun import EmbeddedMailgun
from local.serving import Server
from tests.unit.local.test_mailgun_webhooks import DOMAIN, KEY, SIGNING_KEY, App, send

PATH = f"/v3/domains/{DOMAIN}/webhooks"
URL = "https://app.test/webhook"


@pytest.fixture
def mailgun() -> Iterator[EmbeddedMailgun]:
    mailgun = EmbeddedMailgun(domain=DOMAIN, api_key=KEY, webhook_signing_key=SIGNING_KEY, retry_delays=())
    yield mailgun
    mailgun.close()


def ask(mailgun: EmbeddedMailgun, method: str, path: str = "", **form: Any) -> TestResponse:
    return mailgun.app.test_client().open(f"{PATH}{path}", method=method, data=form, auth=("api", KEY))


def test_a_webhook_comes_is_changed_and_goes(mailgun: EmbeddedMailgun) -> None:
    assert ask(mailgun, "GET").json == {"webhooks": {}}
    made = ask(mailgun, "POST", id="delivered", url=URL)
    assert (made.status_code, made.json) == (
        200,
        {"message": "Webhook has been created", "webhook": {"urls": [URL]}},
    )
    assert ask(mailgun, "GET").json == {"webhooks": {"delivered": {"urls": [URL]}}}
    assert ask(mailgun, "GET", "/delivered").json == {"webhook": {"urls": [URL]}}
    both = [URL, f"{URL}2"]
    changed = ask(mailgun, "PUT", "/delivered", url=both)
    assert changed.json == {"message": "Webhook has been updated", "webhook": {"urls": both}}
    gone = ask(mailgun, "DELETE", "/delivered")
    assert gone.json == {"message": "Webhook has been deleted", "webhook": {"urls": both}}
    assert mailgun.webhooks == {}


def test_there_is_one_for_each_event(mailgun: EmbeddedMailgun) -> None:
    ask(mailgun, "POST", id="delivered", url=URL)
    again = ask(mailgun, "POST", id="delivered", url=f"{URL}2")
    assert (again.status_code, again.json) == (400, {"message": "Webhook already exists"})
    assert mailgun.webhooks == {"delivered": [URL]}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"url": URL}, "Missing parameter 'id'"),
        ({"id": "delivered"}, "Missing parameter 'url'"),
        ({"id": "sneezed", "url": URL}, "Unknown webhook type 'sneezed'"),
        ({"id": "delivered", "url": [f"{URL}{number}" for number in range(4)]}, "At most 3 urls"),
        ({"id": "delivered", "url": "app.test/webhook"}, "Invalid url"),
        ({"id": "delivered", "url": "http://[/"}, "Invalid url"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(
    mailgun: EmbeddedMailgun, form: dict[str, Any], said: str
) -> None:
    response = ask(mailgun, "POST", **form)
    assert response.status_code == 400
    assert said in response.json["message"]  # type: ignore[index]
    assert mailgun.webhooks == {}


def test_one_that_is_not_there_is_not_found(mailgun: EmbeddedMailgun) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert ask(mailgun, method, "/delivered", url=URL).status_code == 404


def test_each_is_told_of_what_it_asked_for(mailgun: EmbeddedMailgun) -> None:
    app, other = App(), App()
    servers = [Server(each.flask, "127.0.0.1", 0) for each in (app, other)]
    for server in servers:
        server.start()
    urls = [f"{server.url}/webhook" for server in servers]
    ask(mailgun, "POST", id="delivered", url=urls)
    ask(mailgun, "POST", id="permanent_fail", url=urls[0])
    for to in ("ada@example.com", "bounce@example.com", "full@example.com"):
        send(mailgun, to)
    mailgun.settle()
    assert app.events == ["delivered", "failed", "delivered"]
    assert other.events == ["delivered", "delivered"]
    for server in servers:
        server.close()


def test_the_address_of_the_beginning_is_registered(mailgun: EmbeddedMailgun) -> None:
    mailgun.webhook_url = URL
    assert set(mailgun.webhooks) == {"delivered", "permanent_fail", "temporary_fail", "complained"}
    assert mailgun.webhook_url == URL
    ask(mailgun, "PUT", "/delivered", url=[f"{URL}2", URL])
    assert mailgun.webhook_url == URL
    ask(mailgun, "DELETE", "/complained")
    assert mailgun.webhook_url == ""
