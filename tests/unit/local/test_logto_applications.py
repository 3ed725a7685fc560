"""Applications by the Management API, and people who sign in to them then."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.local.test_logto_journey import CALLBACK, GOODBYE, WEB, answer, serving
from tests.unit.local.test_logto_management import MACHINE, Console
from tests.unit.local.test_logto_webhooks import Receiver

METADATA = {"redirectUris": [CALLBACK], "postLogoutRedirectUris": [GOODBYE]}
NEW = {"name": "New shop", "type": "Traditional", "oidcClientMetadata": METADATA}


@pytest.fixture
def console() -> Iterator[Console]:
    with Console() as console:
        yield console


def create(console: Console, **members: Any) -> dict[str, Any]:
    response = console.call("POST", "/applications", json=NEW | members)
    assert response.status_code == 200, response.text
    return dict(response.json())


def default_secret(console: Console, application_id: str) -> str:
    [secret] = console.call("GET", f"/applications/{application_id}/secrets").json()
    assert secret["name"] == "Default secret"
    return str(secret["value"])


def test_a_new_application_is_shown_whole_and_without_its_secret(console: Console) -> None:
    made = create(console, oidcClientMetadata=METADATA | {"backchannelLogoutUri": "http://localhost:1/b"})
    assert len(made["id"]) == 21
    assert made == {
        "tenantId": "default",
        "id": made["id"],
        "name": "New shop",
        "description": None,
        "type": "Traditional",
        "oidcClientMetadata": METADATA | {"backchannelLogoutUri": "http://localhost:1/b"},
        "customClientMetadata": {},
        "protectedAppMetadata": None,
        "customData": {},
        "isThirdParty": False,
        "appLevelAccessControlEnabled": False,
        "createdAt": int(console.clock.now * 1000),
    }
    one = console.call("GET", f"/applications/{made['id']}").json()
    assert one == made | {"isAdmin": False}


def test_somebody_signs_in_to_a_new_application(console: Console) -> None:
    made = create(console)
    secret = default_secret(console, made["id"])
    code_page = console.ask_for_code(console.http, client_id=made["id"])
    assert console.connector.messages[-1]["payload"]["application"] == {"id": made["id"], "name": "New shop"}
    resume = console.http.post(code_page, data={"code": console.connector.code}).headers["location"]
    code = answer(console.http.get(resume))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    assert console.token(auth=(made["id"], "guessed"), **form).status_code == 401
    assert console.token(auth=(made["id"], secret), **form).json()["id_token"]


def test_a_new_application_is_told_of_a_sign_out(console: Console) -> None:
    receiver = Receiver()
    uri = console.stack.enter_context(serving(receiver)) + "/backchannel"
    change = METADATA | {"backchannelLogoutUri": uri, "backchannelLogoutSessionRequired": True}
    response = console.call("PATCH", "/applications/web", json={"oidcClientMetadata": change})
    assert response.json()["oidcClientMetadata"] == change
    browser = console.browser()
    tokens = console.tokens(browser)
    params = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": GOODBYE}
    page = browser.get("/oidc/session/end", params=params)
    xsrf = page.text.split('name="xsrf" value="')[1].split('"')[0]
    end = browser.post("/oidc/session/end/confirm", data={"xsrf": xsrf, "logout": "yes"})
    assert end.headers["location"] == GOODBYE
    assert len(receiver.bodies) == 1


def test_a_change_replaces_what_it_names_as_a_whole(console: Console) -> None:
    made = create(
        console,
        description="old",
        customData={"a": 1, "b": 2},
        customClientMetadata={"alwaysIssueRefreshToken": True},
        oidcClientMetadata=METADATA | {"backchannelLogoutUri": "https://app.test/b"},
    )
    change = {
        "oidcClientMetadata": {"redirectUris": [], "postLogoutRedirectUris": []},
        "customData": {"c": 3},
    }
    after = console.call("PATCH", f"/applications/{made['id']}", json=change).json()
    assert after == made | change
    assert console.call("PATCH", f"/applications/{made['id']}", json={}).json() == after
    gone = console.call(
        "PATCH", f"/applications/{made['id']}", json={"description": None, "secret": "x"}
    ).json()
    assert gone == after | {"description": None}


def test_who_may_use_this_api_is_changed_by_it(console: Console) -> None:
    machine = create(console, type="MachineToMachine", oidcClientMetadata=METADATA)
    console.call("PATCH", f"/applications/{machine['id']}", json={"isAdmin": True})
    assert console.call("GET", f"/applications/{machine['id']}").json()["isAdmin"] is True
    token = console.management_token(console.logto.clients[machine["id"]]).json()["access_token"]
    assert console.call("GET", "/hooks", token).status_code == 200


@pytest.mark.parametrize(
    ("members", "where"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 257}, "name"),
        ({"name": None}, "name"),
        ({"type": "Web"}, "type"),
        ({"isThirdParty": "yes"}, "isThirdParty"),
        ({"description": 1}, "description"),
        ({"customData": []}, "customData"),
        ({"oidcClientMetadata": {"redirectUris": []}}, "oidcClientMetadata.postLogoutRedirectUris"),
        ({"oidcClientMetadata": METADATA | {"redirectUris": "x"}}, "oidcClientMetadata.redirectUris"),
        ({"oidcClientMetadata": METADATA | {"redirectUris": ["/cb"]}}, "oidcClientMetadata.redirectUris.0"),
        (
            {"oidcClientMetadata": METADATA | {"backchannelLogoutUri": "app.test/b"}},
            "oidcClientMetadata.backchannelLogoutUri",
        ),
        (
            {"oidcClientMetadata": METADATA | {"backchannelLogoutSessionRequired": "true"}},
            "oidcClientMetadata.backchannelLogoutSessionRequired",
        ),
        (
            {"customClientMetadata": {"refreshTokenTtlInDays": 181}},
            "customClientMetadata.refreshTokenTtlInDays",
        ),
        ({"customClientMetadata": {"rotateRefreshToken": 1}}, "customClientMetadata.rotateRefreshToken"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(
    console: Console, members: dict[str, Any], where: str
) -> None:
    before = dict(console.logto.clients)
    response = console.call("POST", "/applications", json=NEW | members)
    assert (response.status_code, response.json()["code"]) == (400, "guard.invalid_input")
    assert response.json()["message"] == "The request body is invalid."
    assert response.json()["details"].startswith(f'Error in key path "{where}": (')
    assert ".".join(map(str, response.json()["data"]["issues"][0]["path"])) == where
    assert console.logto.clients == before


def test_every_fault_is_named(console: Console) -> None:
    response = console.call("POST", "/applications", json={"isThirdParty": 1})
    issues = response.json()["data"]["issues"]
    assert {(issue["path"][0], issue["received"]) for issue in issues} == {
        ("name", "undefined"),
        ("type", "undefined"),
        ("isThirdParty", "number"),
    }


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"type": "SAML"}, 400, "application.saml.use_saml_app_api"),
        ({"type": "Protected"}, 400, "application.protected_app_metadata_is_required"),
        (
            {"type": "MachineToMachine", "isThirdParty": True},
            400,
            "application.invalid_third_party_application_type",
        ),
        ({"customClientMetadata": {"isDeviceFlow": True}}, 422, "application.device_flow_native_only"),
        (
            {"isThirdParty": True, "customClientMetadata": {"allowTokenExchange": True}},
            422,
            "application.third_party_application_cannot_enable_token_exchange",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(
    console: Console, members: dict[str, Any], status: int, code: str
) -> None:
    response = console.call("POST", "/applications", json=NEW | members)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_unknown_members_are_dropped(console: Console) -> None:
    made = create(console, id="mine", secret="mine", unknown=1)  # noqa: S106
    assert made["id"] != "mine"
    assert default_secret(console, made["id"]) != "mine"


def test_one_that_is_not_there_is_not_found(console: Console) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        response = console.call(method, "/applications/none", json={} if method == "PATCH" else None)
        assert (response.status_code, response.json()["code"]) == (404, "entity.not_exists_with_id")


def test_one_is_deleted(console: Console) -> None:
    made = create(console)
    assert console.call("DELETE", f"/applications/{made['id']}").status_code == 204
    assert made["id"] not in console.logto.clients
    assert console.authorize(console.http, client_id=made["id"]).status_code == 400


def test_the_list_is_narrowed(console: Console) -> None:
    spa = create(console, type="SPA", name="Window", isThirdParty=True)
    machine = MACHINE.id

    def ids(**params: Any) -> list[str]:
        return [each["id"] for each in console.call("GET", "/applications", params=params).json()]

    assert ids(types="MachineToMachine") == [machine]
    assert set(ids(types=["SPA", "MachineToMachine"])) == {spa["id"], machine}
    assert ids(isThirdParty="true") == [spa["id"]]
    assert ids(search="%indo%") == [spa["id"]]
    assert ids(search="indo") == []
    assert console.call("GET", "/applications", params={"types": "Web"}).status_code == 400


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        (
            {"customClientMetadata": {"isDeviceFlow": True}},
            422,
            "application.device_flow_not_changeable",
        ),
        ({"protectedAppMetadata": {"origin": "x"}}, 400, "application.protected_application_only"),
        ({"appLevelAccessControlEnabled": True}, 501, "embedded.not_implemented"),
        ({"oidcClientMetadata": {"redirectUris": []}}, 400, "guard.invalid_input"),
    ],
)
def test_changes_that_cannot_be_are_refused(
    console: Console, members: dict[str, Any], status: int, code: str
) -> None:
    response = console.call("PATCH", "/applications/web", json=members)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert console.logto.clients["web"] == WEB
