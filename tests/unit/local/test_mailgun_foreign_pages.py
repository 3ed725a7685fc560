"""A page from elsewhere cannot empty the mailbox."""

import pytest
from flask.testing import FlaskClient

from local.mailgun import EmbeddedMailgun, Message


@pytest.fixture
def mailgun() -> EmbeddedMailgun:
    mailgun = EmbeddedMailgun(domain="mg.example.com", api_key="key")
    mailgun.deliver(Message("<1@mg.example.com>", 0, [("to", "ada@example.com")]))
    return mailgun


@pytest.fixture
def client(mailgun: EmbeddedMailgun) -> FlaskClient:
    return mailgun.app.test_client()


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://localhost:3000", "http://localhost", "localhost:8025"],
)
def test_another_origin_deletes_nothing(client: FlaskClient, mailgun: EmbeddedMailgun, origin: str) -> None:
    headers = {"Host": "localhost:8025", "Origin": origin}
    assert client.delete("/api/messages", headers=headers).status_code == 403
    assert len(mailgun.messages) == 1


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost:8025"}])
def test_its_own_page_and_programs_delete(
    client: FlaskClient, mailgun: EmbeddedMailgun, headers: dict[str, str]
) -> None:
    answer = client.delete("/api/messages", headers={"Host": "localhost:8025", **headers})
    assert answer.status_code == 204
    assert mailgun.messages == []
