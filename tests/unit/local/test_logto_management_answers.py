"""The embedded Logto's Management API: its lists, its errors, and how it fails when that is wished."""

from collections.abc import Iterator

import httpx
import pytest

from local.logto import Outage
from tests.unit.local.test_logto_management import Console


@pytest.fixture
def console() -> Iterator[Console]:
    with Console() as console:
        yield console


def test_a_body_that_is_no_json_is_refused(console: Console) -> None:
    json_type = {"Content-Type": "application/json"}
    for content, said in ((b"{", "Expecting"), (b"1", "invalid JSON, only supports object and array")):
        response = console.call("POST", "/hooks", content=content, headers=json_type)
        assert response.status_code == 400
        assert said in response.json()["message"]


def test_what_there_is_not_is_not_found(console: Console) -> None:
    assert console.http.get("/api/nothing").status_code == 404


def test_lists_come_whole_or_in_pages(console: Console) -> None:
    for number in range(5):
        console.call("POST", "/applications", json={"name": f"App {number}", "type": "SPA"})
        console.clock.now += 1
    whole = console.call("GET", "/applications")
    assert [each["name"] for each in whole.json()][:5] == [f"App {number}" for number in (4, 3, 2, 1, 0)]
    assert "total-number" not in whole.headers
    page = console.call("GET", "/applications", params={"page": "2", "page_size": "2"})
    assert [each["name"] for each in page.json()] == ["App 2", "App 1"]
    assert page.headers["total-number"] == "8"
    links = page.links
    assert {name: httpx.URL(link["url"]).params["page"] for name, link in links.items()} == {
        "first": "1",
        "prev": "1",
        "last": "4",
        "next": "3",
    }
    assert len(console.call("GET", "/applications", params={"page": "1"}).json()) == 8


@pytest.mark.parametrize("params", [{"page": "0"}, {"page": "x"}, {"page_size": "101"}, {"page": "-1"}])
def test_a_page_that_cannot_be_is_refused(console: Console, params: dict[str, str]) -> None:
    response = console.call("GET", "/applications", params=params)
    assert (response.status_code, response.json()["code"]) == (400, "guard.invalid_pagination")


def test_a_certain_request_fails(console: Console) -> None:
    outage = Outage("POST", "/api/app*", nth=2)
    console.logto.misbehave.outages = [outage]
    statuses = [
        console.call("POST", "/applications", json={"name": name, "type": "SPA"}).status_code
        for name in "abc"
    ]
    assert statuses == [200, 500, 200]
    assert {"a", "c"} <= {client.name for client in console.logto.clients.values()}
    assert "b" not in {client.name for client in console.logto.clients.values()}


@pytest.mark.parametrize("done", [False, True])
def test_a_certain_connection_breaks(console: Console, done: bool) -> None:
    console.logto.misbehave.outages = [Outage("POST", "/api/applications", status=None, done=done)]
    token = console.management_token().json()["access_token"]
    with pytest.raises(httpx.TransportError):
        console.call("POST", "/applications", token, json={"name": "a", "type": "SPA"})
    assert ("a" in {client.name for client in console.logto.clients.values()}) is done


def test_keys_are_rotated(console: Console) -> None:
    before = console.logto.keys.current
    token = console.management_token().json()["access_token"]
    rotate = "/configs/oidc/private-keys/rotate"
    response = console.call("POST", rotate, token, json={"signingKeyAlgorithm": "RSA"})
    assert [key["signingKeyAlgorithm"] for key in response.json()] == ["RSA", "EC"]
    assert console.logto.keys.all[1] is before
    assert console.call("GET", "/hooks", token).status_code == 200
    assert console.call("POST", rotate, json={"signingKeyAlgorithm": "DSA"}).status_code == 400
