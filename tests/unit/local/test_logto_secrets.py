"""The secrets of applications by the Management API."""

from collections.abc import Iterator

import pytest

from local.logto import Secret
from tests.unit.local.test_logto_journey import WEB
from tests.unit.local.test_logto_management import Console


@pytest.fixture
def console() -> Iterator[Console]:
    with Console() as console:
        yield console


def test_an_application_has_several_secrets(console: Console) -> None:
    path, now = "/applications/web/secrets", int(console.clock.now * 1000)
    made = console.call("POST", path, json={"name": "newer", "expiresAt": now + 1000})
    assert made.status_code == 201
    assert made.json() == {
        "tenantId": "default",
        "applicationId": "web",
        "name": "newer",
        "value": made.json()["value"],
        "createdAt": now,
        "expiresAt": now + 1000,
    }
    assert [each["name"] for each in console.call("GET", path).json()] == ["Default secret", "newer"]
    token = console.tokens()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    assert console.token(auth=("web", made.json()["value"]), **form).status_code == 200
    console.clock.now += 2
    late = console.token(auth=("web", made.json()["value"]), **form)
    assert (late.status_code, late.json()["error_description"]) == (400, "client secret has expired")
    assert console.call("DELETE", f"{path}/Default secret").status_code == 204
    assert console.token(auth=(WEB.id, WEB.secret), **form).status_code == 401
    assert console.token(auth=(WEB.id, ""), **form).status_code >= 400
    assert console.logto.clients["web"].secret == ""


def test_secrets_have_names_of_their_own(console: Console) -> None:
    path = "/applications/web/secrets"
    assert console.call("PATCH", f"{path}/Default secret", json={"name": "old"}).json()["name"] == "old"
    assert console.logto.clients["web"].other_secrets == (Secret(WEB.secret, "old"),)
    taken = console.call("POST", path, json={"name": "old"})
    assert (taken.status_code, taken.json()["code"]) == (422, "application.secret_name_exists")
    past = console.call("POST", path, json={"name": "past", "expiresAt": 1})
    assert (past.status_code, past.json()["code"]) == (400, "request.invalid_input")
    assert console.call("PATCH", f"{path}/none", json={"name": "x"}).json()["code"] == "entity.not_exists"
    assert console.call("DELETE", f"{path}/none").json()["code"] == "entity.not_found"
    public = console.call("POST", "/applications", json={"name": "Window", "type": "SPA"}).json()
    assert console.call("GET", f"/applications/{public['id']}/secrets").json() == []
    refused = console.call("POST", f"/applications/{public['id']}/secrets", json={"name": "x"})
    assert (refused.status_code, refused.json()["code"]) == (422, "entity.db_constraint_violated")
