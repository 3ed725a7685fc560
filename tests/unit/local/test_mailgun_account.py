"""What the account's API tells of the domain, to whom, and how it is when it is ill."""

from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from local.mailgun import EmbeddedMailgun, Outage, Template
from local.serving import Server

DOMAIN = "mg.example.com"
KEY = "key-of-the-test"
SENDING_KEY = "key-for-sending"
MAIL = {"from": "sign-in@mg.example.com", "to": "a@example.com", "subject": "Code", "text": "123456"}
READS = [
    f"/v4/domains/{DOMAIN}",
    f"/v3/domains/{DOMAIN}",
    f"/v3/domains/{DOMAIN}/tracking",
    f"/v3/domains/{DOMAIN}/webhooks",
    f"/v3/domains/{DOMAIN}/webhooks/delivered",
    f"/v3/{DOMAIN}/templates",
    f"/v3/{DOMAIN}/templates/code",
    "/v5/accounts/http_signing_key",
]


@pytest.fixture
def mailgun() -> EmbeddedMailgun:
    return EmbeddedMailgun(
        domain=DOMAIN,
        api_key=KEY,
        sending_key=SENDING_KEY,
        webhook_signing_key="signing-key",
        clock=lambda: 1_700_000_000.5,
    )


@pytest.fixture
def client(mailgun: EmbeddedMailgun) -> FlaskClient:
    return mailgun.app.test_client()


def ask(client: FlaskClient, path: str, method: str = "GET", key: str = KEY) -> tuple[int, Any]:
    response = client.open(path, method=method, auth=("api", key))
    return response.status_code, response.json if response.is_json else response.text


def test_a_domain_that_is_well(client: FlaskClient) -> None:
    status, shown = ask(client, f"/v4/domains/{DOMAIN}")
    assert status == 200
    domain = shown["domain"]
    assert (domain["name"], domain["state"], domain["is_disabled"]) == (DOMAIN, "active", False)
    assert (domain["type"], domain["require_tls"], domain["web_scheme"]) == ("custom", False, "https")
    assert domain["created_at"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    sending = [(record["record_type"], record["name"]) for record in shown["sending_dns_records"]]
    assert sending == [("TXT", DOMAIN), ("TXT", f"k1._domainkey.{DOMAIN}"), ("CNAME", f"email.{DOMAIN}")]
    assert [record["value"] for record in shown["receiving_dns_records"]] == [
        "mxa.mailgun.org",
        "mxb.mailgun.org",
    ]
    records = shown["sending_dns_records"] + shown["receiving_dns_records"]
    assert {record["valid"] for record in records} == {"valid"}
    assert all("priority" in record for record in shown["receiving_dns_records"])
    assert ask(client, f"/v3/domains/{DOMAIN}") == (200, shown)
    assert ask(client, f"/v4/domains/{DOMAIN}?h:with_dns=false") == (200, {"domain": domain})


def test_a_domain_that_is_ill(mailgun: EmbeddedMailgun, client: FlaskClient) -> None:
    mailgun.domain_state, mailgun.is_disabled, mailgun.domain_type = "unverified", True, "sandbox"
    mailgun.require_tls, mailgun.dns["dkim"].valid = True, "unknown"
    _, shown = ask(client, f"/v4/domains/{DOMAIN}")
    domain = shown["domain"]
    assert (domain["state"], domain["is_disabled"], domain["type"]) == ("unverified", True, "sandbox")
    assert domain["require_tls"] is True
    valid = {record["name"]: record["valid"] for record in shown["sending_dns_records"]}
    assert valid == {
        DOMAIN: "valid",
        f"k1._domainkey.{DOMAIN}": "unknown",
        f"email.{DOMAIN}": "valid",
    }
    refused = client.post(f"/v3/{DOMAIN}/messages", data=MAIL, auth=("api", SENDING_KEY))
    assert refused.status_code == 400
    assert "unverified" in refused.json["message"]  # type: ignore[index]


@pytest.mark.parametrize("path", READS)
def test_a_key_that_may_only_send_opens_nothing(
    mailgun: EmbeddedMailgun, client: FlaskClient, path: str
) -> None:
    mailgun.templates["code"] = Template("code", "{{code}}")
    mailgun.webhook_url = "https://app.test/webhook"
    assert ask(client, path)[0] == 200
    assert ask(client, path, key=SENDING_KEY) == (401, "Forbidden")
    assert ask(client, path, key="guessed") == (401, "Forbidden")
    mailgun.key_refusal = (403, {"message": "no"})
    assert ask(client, path, key=SENDING_KEY) == (403, {"message": "no"})


@pytest.mark.parametrize("path", [path for path in READS if DOMAIN in path])
def test_a_domain_of_the_other_region_is_not_known(
    mailgun: EmbeddedMailgun, client: FlaskClient, path: str
) -> None:
    mailgun.elsewhere = True
    assert ask(client, path) == (404, {"message": f"Domain not found: {DOMAIN}"})
    message = client.post(f"/v3/{DOMAIN}/messages", data=MAIL, auth=("api", SENDING_KEY))
    assert message.status_code == 404


def test_another_domain_is_not_known(client: FlaskClient) -> None:
    assert ask(client, "/v4/domains/other.example.com")[0] == 404


def test_a_verification_is_made_and_seen(mailgun: EmbeddedMailgun, client: FlaskClient) -> None:
    mailgun.domain_state, mailgun.dns["spf"].valid = "active", "unknown"
    ask(client, f"/v4/domains/{DOMAIN}")
    verify = ("PUT", f"/v4/domains/{DOMAIN}/verify")
    assert mailgun.calls == [("GET", f"/v4/domains/{DOMAIN}")]
    status, shown = ask(client, verify[1], "PUT")
    assert (status, shown["domain"]["state"]) == (200, "unverified")
    assert verify in mailgun.calls
    mailgun.dns["spf"].valid = "valid"
    assert ask(client, verify[1], "PUT")[1]["domain"]["state"] == "active"
    mailgun.clear()
    assert mailgun.calls == []


def test_tracking_is_told(mailgun: EmbeddedMailgun, client: FlaskClient) -> None:
    mailgun.tracking["click"] = True
    _, shown = ask(client, f"/v3/domains/{DOMAIN}/tracking")
    active = {kind: shown["tracking"][kind]["active"] for kind in ("click", "open", "unsubscribe")}
    assert active == {"click": True, "open": False, "unsubscribe": False}
    assert "html_footer" in shown["tracking"]["unsubscribe"]


def test_a_template_is_shown_with_its_active_version(mailgun: EmbeddedMailgun, client: FlaskClient) -> None:
    mailgun.templates = {"code": Template("code", "{{code}}"), "empty": Template("empty")}
    path = f"/v3/{DOMAIN}/templates/code"
    _, shown = ask(client, f"{path}?active=yes")
    assert shown["template"]["version"]["template"] == "{{code}}"
    assert "version" not in ask(client, path)[1]["template"]
    assert "version" not in ask(client, f"/v3/{DOMAIN}/templates/empty?active=yes")[1]["template"]
    assert ask(client, f"/v3/{DOMAIN}/templates/none") == (404, {"message": "template not found"})


def test_templates_come_in_pages(mailgun: EmbeddedMailgun, client: FlaskClient) -> None:
    mailgun.templates = {name: Template(name) for name in ("c", "a", "b")}
    names: list[list[str]] = []
    url = f"/v3/{DOMAIN}/templates?limit=2"
    while not names or names[-1]:
        _, page = ask(client, url)
        names.append([item["name"] for item in page["items"]])
        url = page["paging"]["next"]
    assert names == [["a", "b"], ["c"], []]
    back = ask(client, f"/v3/{DOMAIN}/templates?page=prev&p=c&limit=1")[1]
    assert [item["name"] for item in back["items"]] == ["b"]
    last = ask(client, f"/v3/{DOMAIN}/templates?page=last&limit=1")[1]
    assert [item["name"] for item in last["items"]] == ["c"]


def test_the_signing_key_is_told_to_the_account(client: FlaskClient) -> None:
    assert ask(client, "/v5/accounts/http_signing_key")[1]["http_signing_key"] == "signing-key"


def test_a_certain_request_fails(mailgun: EmbeddedMailgun, client: FlaskClient) -> None:
    mailgun.misbehave.outages = [Outage("GET", "/v4/domains/*", nth=2, status=503)]
    statuses = [ask(client, f"/v4/domains/{DOMAIN}")[0] for _ in range(3)]
    assert statuses == [200, 503, 200]


@pytest.mark.parametrize("done", [False, True])
def test_a_certain_connection_breaks(mailgun: EmbeddedMailgun, done: bool) -> None:
    path = f"/v3/domains/{DOMAIN}/webhooks"
    mailgun.misbehave.outages = [Outage("POST", path, status=None, done=done)]
    server = Server(mailgun.app, "127.0.0.1", 0)
    server.start()
    form = {"id": "delivered", "url": "https://app.test/webhook"}
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{server.url}{path}", data=form, auth=("api", KEY), trust_env=False)
    server.close()
    assert bool(mailgun.webhooks) is done


def test_an_answer_is_held_back(
    mailgun: EmbeddedMailgun, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("local.mailgun.faults.time.sleep", waited.append)
    mailgun.misbehave.delays[f"/v4/domains/{DOMAIN}"] = 9
    ask(client, f"/v4/domains/{DOMAIN}")
    ask(client, f"/v3/{DOMAIN}/templates")
    assert waited == [9, 0]
