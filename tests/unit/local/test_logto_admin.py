"""The embedded Logto's page and routes for whoever looks after people."""

import pytest
from flask.testing import FlaskClient

from local.logto import EmbeddedLogto
from tests.unit.local.test_logto_journey import WEB

HOST = {"Host": "localhost:3001"}
OWN = HOST | {"Origin": "http://localhost:3001"}
WRITES = [
    ("POST", "/admin/users/{0}/suspend"),
    ("POST", "/admin/users/{0}/unsuspend"),
    ("POST", "/admin/users/{0}/reset-password"),
    ("DELETE", "/admin/users/{0}"),
]


@pytest.fixture
def logto() -> EmbeddedLogto:
    logto = EmbeddedLogto(
        issuer="http://localhost:3001/oidc",
        clients=[WEB],
        connector_endpoint="http://localhost:3000/send-otp",
        connector_authorization=None,
    )
    logto.state.find_or_register("ada@example.com")
    logto.state.find_or_register("grace+<b>@example.com")
    return logto


@pytest.fixture
def client(logto: EmbeddedLogto) -> FlaskClient:
    return logto.app.test_client()


@pytest.fixture
def ada(logto: EmbeddedLogto) -> str:
    return next(iter(logto.users))


def test_the_page_lists_people_with_their_buttons(
    logto: EmbeddedLogto, client: FlaskClient, ada: str
) -> None:
    logto.suspend("grace+<b>@example.com")
    page = client.get("/", headers=HOST)
    assert f'data-method="POST" data-path="/admin/users/{ada}/suspend"' in page.text
    assert f'data-method="DELETE" data-path="/admin/users/{ada}"' in page.text
    assert "grace+&lt;b&gt;@example.com <small>suspended</small>" in page.text
    assert "/unsuspend" in page.text
    assert "Nobody yet" not in page.text
    logto.users.clear()
    assert "Nobody yet" in client.get("/", headers=HOST).text


def test_the_page_runs_its_own_script_alone_and_in_no_frame(client: FlaskClient) -> None:
    page = client.get("/", headers=HOST)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert '<script src="/static/admin.js"' in page.text
    with client.get("/static/admin.js") as script:
        assert script.status_code == 200


def test_programs_list_people(logto: EmbeddedLogto, client: FlaskClient, ada: str) -> None:
    people = client.get("/admin/users", headers=HOST).get_json()
    assert people == [user.as_json() for user in logto.users.values()]
    assert (people[0]["id"], people[0]["primaryEmail"]) == (ada, "ada@example.com")


@pytest.mark.parametrize("headers", [HOST, OWN], ids=["a program", "the page"])
@pytest.mark.parametrize("who", ["id", "ada@example.com"])
def test_what_can_be_done(
    logto: EmbeddedLogto, client: FlaskClient, ada: str, who: str, headers: dict[str, str]
) -> None:
    one = f"/admin/users/{ada if who == 'id' else who}"
    assert client.post(f"{one}/suspend", headers=headers).status_code == 204
    assert logto.users[ada].suspended
    assert client.post(f"{one}/unsuspend", headers=headers).status_code == 204
    assert not logto.users[ada].suspended
    assert client.delete(one, headers=headers).status_code == 204
    assert ada not in logto.users
    assert len(logto.users) == 1


def test_each_is_told_by_the_webhook(
    client: FlaskClient, ada: str, logto: EmbeddedLogto, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    monkeypatch.setattr(logto, "_notify", lambda event, user: events.append(f"{event} {user.id}"))
    for method, path in WRITES:
        assert client.open(path.format(ada), method=method, headers=HOST).status_code == 204
    suspension = f"User.SuspensionStatus.Updated {ada}"
    assert events == [suspension, suspension, f"PostResetPassword {ada}", f"User.Deleted {ada}"]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_nobody_is_not_found(client: FlaskClient, method: str, path: str) -> None:
    assert client.open(path.format("nobody"), method=method, headers=HOST).status_code == 404


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://localhost:3000", "http://localhost", "localhost:3001"],
)
def test_another_origin_changes_nothing(
    logto: EmbeddedLogto, client: FlaskClient, ada: str, method: str, path: str, origin: str
) -> None:
    before = [user.as_json() for user in logto.users.values()]
    got = client.open(path.format(ada), method=method, headers=HOST | {"Origin": origin})
    assert got.status_code == 403
    assert [user.as_json() for user in logto.users.values()] == before


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/admin/users"), *WRITES])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:3001", "8.8.8.8:3001", "[", "localhost.evil"])
def test_a_foreign_name_for_this_machine_is_refused(
    logto: EmbeddedLogto, client: FlaskClient, ada: str, method: str, path: str, host: str
) -> None:
    got = client.open(path.format(ada), method=method, headers={"Host": host})
    assert got.status_code == 403
    assert ada in logto.users


@pytest.mark.parametrize("host", ["localhost", "logto.localhost:3001", "127.0.0.1:3001", "172.17.0.1:3001"])
def test_this_machines_own_names_are_not(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", [path for _, path in WRITES])
def test_a_link_or_a_picture_changes_nothing(client: FlaskClient, path: str) -> None:
    assert client.get(path.format("ada@example.com"), headers=HOST).status_code == 405


def test_programs_learn_how_to_get_a_management_token(client: FlaskClient, logto: EmbeddedLogto) -> None:
    assert client.get("/admin/management").status_code == 404
    admin = logto.admin_endpoint("http://localhost:3002/oidc")
    assert client.get("/admin/management").json == {
        "endpoint": "http://localhost:3001/",
        "tokenEndpoint": "http://localhost:3002/oidc/token",
        "resource": "https://default.logto.app/api",
        "clientId": "m-default",
        "clientSecret": admin.secret,
    }
    assert client.get("/admin/management", headers={"Host": "evil.test"}).status_code == 403
