"""The embedded Logto's Management API: who gets a token for it, and what opens it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.logto import Client
from local.logto.keys import generate, sign
from tests.unit.local.test_logto_journey import WEB, Lab, decode, serving

MACHINE = Client("machine", "machine-secret", "Provisioner", (), type="MachineToMachine", is_admin=True)
RESOURCE = "https://default.logto.app/api"
ISSUER = "http://localhost:3002/oidc"


class Console(Lab):
    """A lab with somebody who may use the Management API."""

    def __enter__(self) -> "Console":
        super().__enter__()
        self.logto.clients[MACHINE.id] = MACHINE
        return self

    def management_token(self, client: Client = MACHINE, **fields: str) -> httpx.Response:
        asked = {"grant_type": "client_credentials", "resource": RESOURCE, "scope": "all"} | fields
        return self.token(auth=(client.id, client.secret), **asked)

    def call(self, method: str, path: str, token: str | None = None, **request: Any) -> httpx.Response:
        bearer = token or self.management_token().json()["access_token"]
        headers = {"Authorization": f"Bearer {bearer}"} | request.pop("headers", {})
        return self.http.request(method, f"/api{path}", headers=headers, **request)


@pytest.fixture
def console() -> Iterator[Console]:
    with Console() as console:
        yield console


def test_a_machine_gets_a_token_as_logto_makes_them(console: Console) -> None:
    response = console.management_token()
    assert response.status_code == 200
    token = response.json()
    assert token | {"access_token": "?"} == {
        "access_token": "?",
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "all",
    }
    header, claims = decode(token["access_token"])
    assert header == {"alg": "ES384", "typ": "at+jwt", "kid": console.logto.keys.current.kid}
    assert len(claims.pop("jti")) == 21
    now = int(console.clock.now)
    assert claims == {
        "sub": "machine",
        "iat": now,
        "exp": now + 3600,
        "scope": "all",
        "client_id": "machine",
        "iss": console.issuer,
        "aud": RESOURCE,
    }


def test_a_self_hosted_logto_gives_tokens_at_its_admin_endpoint(console: Console) -> None:
    admin = console.logto.admin_endpoint(ISSUER)
    assert console.logto.admin_endpoint(ISSUER) is admin
    assert admin.token_endpoint == f"{ISSUER}/token"
    url = console.stack.enter_context(serving(admin.app))
    form = {"grant_type": "client_credentials", "resource": RESOURCE, "scope": "all"}
    response = console.http.post(f"{url}/oidc/token", data=form, auth=("m-default", admin.secret))
    _, claims = decode(response.json()["access_token"])
    assert claims["iss"] == ISSUER
    assert claims["sub"] == claims["client_id"] == "m-default"
    assert console.call("GET", "/hooks", response.json()["access_token"]).status_code == 200
    wrong = console.http.post(f"{url}/oidc/token", data=form, auth=("m-default", "guessed"))
    assert (wrong.status_code, wrong.json()["code"]) == (401, "oidc.invalid_client")
    other = console.http.post(f"{url}/oidc/token", data=form | {"grant_type": "refresh_token"})
    assert other.status_code == 400


def test_no_token_of_the_admin_endpoint_opens_a_logto_without_one(console: Console) -> None:
    with Console() as other:
        url = other.stack.enter_context(serving(other.logto.admin_endpoint(ISSUER).app))
        form = {"grant_type": "client_credentials", "resource": RESOURCE, "scope": "all"}
        auth = ("m-default", other.logto.admin_endpoint(ISSUER).secret)
        token = other.http.post(f"{url}/oidc/token", data=form, auth=auth).json()["access_token"]
    assert console.call("GET", "/hooks", token).json()["code"] == "auth.unauthorized"


def test_a_tenant_in_the_cloud_has_a_resource_of_its_own(console: Console) -> None:
    console.logto.tenant_id = "abc123"
    assert console.management_token().json()["code"] == "oidc.invalid_target"
    token = console.management_token(resource="https://abc123.logto.app/api").json()["access_token"]
    assert console.call("GET", "/hooks", token).status_code == 200


@pytest.mark.parametrize("resource", ["", "https://other.logto.app/api"])
def test_no_token_for_another_resource(console: Console, resource: str) -> None:
    response = console.management_token(resource=resource)
    assert (response.status_code, response.json()["code"]) == (400, "oidc.invalid_target")


def test_no_token_for_a_wrong_secret_or_an_application_of_people(console: Console) -> None:
    wrong = console.management_token(Client(MACHINE.id, "guessed", "", ()))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    people = console.management_token(WEB)
    assert (people.status_code, people.json()["error"]) == (400, "unauthorized_client")


def test_a_machine_takes_part_in_no_sign_in(console: Console) -> None:
    console.logto.clients["machine"] = Client(
        "machine", "machine-secret", "", ("http://localhost:3000/callback",), type="MachineToMachine"
    )
    assert (
        "error=unauthorized_client"
        in console.authorize(console.http, client_id="machine").headers["location"]
    )


def test_a_token_without_the_scope_is_forbidden(console: Console) -> None:
    token = console.management_token(scope="").json()
    assert "scope" not in token
    response = console.call("GET", "/hooks", token["access_token"])
    assert (response.status_code, response.json()["code"]) == (403, "auth.forbidden")
    console.logto.clients["machine"] = Client("machine", MACHINE.secret, "", (), type="MachineToMachine")
    assert "scope" not in console.management_token().json()


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "auth.authorization_header_missing"),
        ("Basic bWFjaGluZTpzZWNyZXQ=", "auth.authorization_token_type_not_supported"),
        ("Bearer nonsense", "auth.unauthorized"),
    ],
)
def test_nobody_gets_in_without_a_token(console: Console, authorization: str | None, code: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    response = console.http.get("/api/applications", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, code)


def test_a_token_ends(console: Console) -> None:
    token = console.management_token().json()["access_token"]
    console.clock.now += 3600
    response = console.call("GET", "/hooks", token)
    assert (response.status_code, response.json()["data"]["code"]) == (401, "ERR_JWT_EXPIRED")


@pytest.mark.parametrize(
    ("claim", "value"), [("aud", "https://x.logto.app/api"), ("iss", "https://evil.test")]
)
def test_a_token_for_something_else_opens_nothing(console: Console, claim: str, value: str) -> None:
    header, claims = decode(console.management_token().json()["access_token"])
    token = sign(header, claims | {claim: value}, console.logto.keys.current)
    response = console.call("GET", "/hooks", token)
    assert (response.status_code, response.json()["data"]["claim"]) == (401, claim)


def test_a_token_of_another_key_opens_nothing(console: Console) -> None:
    header, claims = decode(console.management_token().json()["access_token"])
    assert console.call("GET", "/hooks", sign(header, claims, generate("EC"))).status_code == 401


def test_an_id_token_opens_nothing(console: Console) -> None:
    assert console.call("GET", "/hooks", console.tokens()["id_token"]).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Host": "evil.test"},
    ],
)
def test_no_page_gets_in(console: Console, headers: dict[str, str]) -> None:
    assert console.call("GET", "/hooks", headers=headers).status_code == 403
