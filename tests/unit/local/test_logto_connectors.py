"""Connectors by the Management API, and where codes go then."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.logto import Connector
from tests.unit.local.test_logto_journey import Connector as Endpoint
from tests.unit.local.test_logto_journey import serving
from tests.unit.local.test_logto_management import Console

MAILGUN = {
    "domain": "mg.example.com",
    "apiKey": "key-1",
    "from": "A <a@mg.example.com>",
    "deliveries": {"Generic": {"subject": "Code", "html": "{{code}}"}},
}
TEMPLATE = {"contentType": "text/plain", "subject": "Code", "content": "{{code}}"}
SMTP = {
    "host": "smtp.example.com",
    "port": 587,
    "auth": {"user": "u", "pass": "p"},
    "fromEmail": "a@example.com",
    "templates": [
        TEMPLATE | {"usageType": usage} for usage in ("SignIn", "Register", "ForgotPassword", "Generic")
    ],
}


@pytest.fixture
def console() -> Iterator[Console]:
    with Console() as console:
        yield console


@pytest.fixture
def other(console: Console) -> Endpoint:
    return Endpoint()


@pytest.fixture
def url(console: Console, other: Endpoint) -> str:
    return console.stack.enter_context(serving(other)) + "/send-otp"


def create(console: Console, connector_id: str, config: Any, **members: Any) -> dict[str, Any]:
    asked = {"connectorId": connector_id, "config": config} | members
    response = console.call("POST", "/connectors", json=asked)
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_the_connector_of_the_beginning_is_shown(console: Console) -> None:
    [shown] = console.call("GET", "/connectors").json()
    assert shown["type"] == "Email"
    assert (shown["connectorId"], shown["target"], shown["platform"]) == ("http-email", "http-email", None)
    endpoint = console.logto.connector_endpoint
    assert shown["config"] == {"endpoint": endpoint, "authorization": "Bearer connector"}
    assert console.call("GET", f"/connectors/{shown['id']}").json() == shown
    assert console.call("GET", "/connectors", params={"target": "smtp"}).json() == []


def test_codes_go_to_a_new_connector(console: Console, other: Endpoint, url: str) -> None:
    made = create(console, "http-email", {"endpoint": url, "authorization": "Bearer new"})
    assert len(made["id"]) == 12
    assert list(console.logto.connectors) == [made["id"]]
    console.ask_for_code(console.http)
    assert not console.connector.messages
    assert [message["type"] for message in other.messages] == ["SignIn"]
    assert other.headers[0]["authorization"] == "Bearer new"
    assert console.logto.connector_endpoint == url


def test_codes_go_where_a_change_says(console: Console, other: Endpoint, url: str) -> None:
    [before] = console.logto.connectors
    after = console.call("PATCH", f"/connectors/{before}", json={"config": {"endpoint": url}}).json()
    assert after["config"] == {"endpoint": url}
    console.ask_for_code(console.http)
    assert "authorization" not in other.headers[0]


@pytest.mark.parametrize(
    ("kind", "config"), [("mailgun-email", MAILGUN), ("simple-mail-transfer-protocol", SMTP)]
)
def test_there_are_other_kinds(console: Console, kind: str, config: dict[str, Any]) -> None:
    made = create(console, kind, config)
    assert made["config"] == config
    assert [each["connectorId"] for each in console.call("GET", "/connectors").json()] == [kind]
    page = console.authorize(console.http).headers["location"]
    assert kind in console.http.post(page, data={"email": "ada@example.com"}).text
    assert console.logto.connector_endpoint == ""
    back = create(console, "http-email", {"endpoint": "https://app.test/send-otp"})
    assert list(console.logto.connectors) == [back["id"]]


@pytest.mark.parametrize(
    ("kind", "config", "where"),
    [
        ("http-email", {}, "endpoint"),
        ("http-email", {"endpoint": None}, "endpoint"),
        ("http-email", {"endpoint": "https://app.test", "authorization": 1}, "authorization"),
        ("mailgun-email", MAILGUN | {"endpoint": "https://api.example.com"}, "endpoint"),
        ("mailgun-email", MAILGUN | {"deliveries": {"Generic": {"subject": "x"}}}, "deliveries.Generic"),
        ("simple-mail-transfer-protocol", SMTP | {"port": "25"}, "port"),
        ("simple-mail-transfer-protocol", SMTP | {"templates": []}, "templates"),
        ("simple-mail-transfer-protocol", SMTP | {"auth": {"user": 1}}, "auth"),
    ],
)
def test_config_that_does_not_fit_is_refused(
    console: Console, kind: str, config: dict[str, Any], where: str
) -> None:
    before = dict(console.logto.connectors)
    response = console.call("POST", "/connectors", json={"connectorId": kind, "config": config})
    assert (response.status_code, response.json()["code"]) == (400, "connector.invalid_config")
    assert ".".join(response.json()["data"]["issues"][0]["path"]) == where
    assert console.logto.connectors == before


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"connectorId": "pigeon"}, 422, "connector.not_found_with_connector_id"),
        ({}, 400, "guard.invalid_input"),
        ({"connectorId": "http-email", "config": []}, 400, "guard.invalid_input"),
        ({"connectorId": "http-email", "syncProfile": "no"}, 400, "guard.invalid_input"),
        ({"connectorId": "http-email", "enableTokenStorage": True}, 422, "request.feature_not_supported"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(
    console: Console, asked: dict[str, Any], status: int, code: str
) -> None:
    response = console.call("POST", "/connectors", json=asked)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_an_id_that_is_taken_fails_and_changes_nothing(console: Console) -> None:
    [before] = console.logto.connectors.values()
    asked = {"connectorId": "http-email", "config": {"endpoint": "https://new.test"}, "id": before.id}
    response = console.call("POST", "/connectors", json=asked)
    assert (response.status_code, response.json()) == (500, {"message": "Internal server error."})
    assert list(console.logto.connectors.values()) == [before]


def test_what_says_nothing_is_not_kept(console: Console) -> None:
    config = {"endpoint": "https://app.test", "authorization": "", "more": {"a": None, "b": []}, "list": [""]}
    assert create(console, "http-email", config)["config"] == {"endpoint": "https://app.test"}


def test_changes_that_cannot_be_are_refused(console: Console) -> None:
    [before] = console.logto.connectors
    for asked, status, code in (
        ({}, 422, "entity.invalid_input"),
        ({"config": {}}, 400, "connector.invalid_config"),
        (
            {"metadata": {"target": "x"}},
            400,
            "connector.cannot_overwrite_metadata_for_non_standard_connector",
        ),
        ({"syncProfile": True}, 422, "connector.invalid_type_for_syncing_profile"),
    ):
        response = console.call("PATCH", f"/connectors/{before}", json=asked)
        assert (response.status_code, response.json()["code"]) == (status, code)


def test_one_that_is_not_there_is_not_found(console: Console) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        response = console.call(method, "/connectors/none", json={} if method == "PATCH" else None)
        assert (response.status_code, response.json()["code"]) == (404, "entity.not_found")


def test_without_a_connector_no_code_is_sent(console: Console) -> None:
    [before] = console.logto.connectors
    assert console.call("DELETE", f"/connectors/{before}").status_code == 204
    assert console.call("GET", "/connectors").json() == []
    page = console.authorize(console.http).headers["location"]
    assert console.http.post(page, data={"email": "ada@example.com"}).status_code == 400
    assert not console.connector.messages
    console.logto.connector_endpoint = "http://localhost:1/send-otp"
    assert [each.connector_id for each in console.logto.connectors.values()] == ["http-email"]


def test_a_connector_is_tried_before_it_is_kept(console: Console, other: Endpoint, url: str) -> None:
    asked = {"email": "probe@example.com", "config": {"endpoint": url, "authorization": "Bearer probe"}}
    path = "/connectors/http-email/test"
    assert console.call("POST", path, json=asked).status_code == 204
    message = {"to": "probe@example.com", "type": "Generic", "payload": {"code": "000000"}}
    assert other.messages == [message | {"ip": "::ffff:127.0.0.1"}]
    assert other.headers[0]["authorization"] == "Bearer probe"
    assert console.call("POST", path, json=asked | {"locale": "fr"}).status_code == 204
    assert other.messages[1]["payload"] == {"code": "000000", "locale": "fr"}
    other.status, other.body = "401 Unauthorized", '{"code":"bearer"}'
    response = console.call("POST", path, json=asked)
    assert (response.status_code, response.json()["code"]) == (400, "connector.general")
    assert response.json()["data"] == {"message": '{"code":"bearer"}'}


def test_an_endpoint_that_is_no_address_is_kept_and_fails(console: Console) -> None:
    for endpoint in ("nonsense", "http://["):
        create(console, "http-email", {"endpoint": endpoint})
        page = console.authorize(console.http).headers["location"]
        assert console.http.post(page, data={"email": "ada@example.com"}).status_code == 400


def test_an_endpoint_that_is_not_there_has_logto_tell_all(console: Console) -> None:
    config = {"endpoint": "http://localhost:1/send-otp", "authorization": "Bearer secret"}
    asked = {"email": "probe@example.com", "config": config}
    response = console.call("POST", "/connectors/http-email/test", json=asked)
    assert (response.status_code, response.json()["code"]) == (400, "connector.general")
    assert response.json()["data"]["options"]["headers"]["authorization"] == "Bearer secret"
    assert response.json()["data"]["options"]["json"]["payload"] == {"code": "000000"}


@pytest.mark.parametrize(
    ("factory", "asked", "code"),
    [
        ("http-email", {"config": {"endpoint": "https://a.test"}}, "guard.invalid_input"),
        ("http-email", {"email": "nobody", "config": {}}, "guard.invalid_input"),
        ("http-email", {"email": "a@b.test"}, "guard.invalid_input"),
        ("http-email", {"email": "a@b.test", "config": {}}, "connector.invalid_config"),
        ("pigeon", {"email": "a@b.test", "config": {}}, "connector.not_found"),
        ("http-email", {"phone": "123", "config": {}}, "connector.unexpected_type"),
    ],
)
def test_tries_that_cannot_be_are_refused(
    console: Console, factory: str, asked: dict[str, Any], code: str
) -> None:
    response = console.call("POST", f"/connectors/{factory}/test", json=asked)
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_two_of_them_are_a_fault_that_logto_tells_of(console: Console) -> None:
    console.logto.connectors["old"] = Connector("old", "mailgun-email", MAILGUN)
    assert console.call("GET", "/connectors").json()["code"] == "connector.more_than_one_email"
