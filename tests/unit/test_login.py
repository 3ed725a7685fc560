"""`GET /login` sends the browser to Logto, and asks nobody when it has been asked before."""

from urllib.parse import urlsplit

import pytest

from passerelle.attempts import find_attempt
from passerelle.errors import InvalidRequest, ProviderUnavailable, SecretsUnavailable
from passerelle.login import start
from passerelle.oidc.authorization import authorization_request
from passerelle.ports import Reply
from tests.support.doubles import BASE_URL, CLIENT, DISCOVERY, ISSUER, METADATA, NOW, World, make_world
from tests.unit.journey import begin

PAR = f"{ISSUER}/request"
PUSHED = Reply(201, {"request_uri": "urn:ietf:params:oauth:request_uri:x", "expires_in": 60})


@pytest.fixture
def world() -> World:
    return make_world()


def test_sends_the_browser_to_the_authorization_endpoint(world: World) -> None:
    started = start(world.services, "", {}, BASE_URL, NOW)
    away = urlsplit(started.location)
    assert f"{away.scheme}://{away.netloc}{away.path}" == METADATA["authorization_endpoint"]
    request = begin(world).request
    assert request["client_id"] == CLIENT.client_id
    assert request["redirect_uri"] == f"{BASE_URL}/callback"
    assert request["prompt"] == "consent"


def test_what_it_sends_is_what_the_attempt_remembers(world: World) -> None:
    away = begin(world, query="return_to=/x%3Fy&max_age=60&login_hint=ada%40example.com")
    attempt = find_attempt(away.request["state"], away.cookies, world.services.secrets.keys, NOW)
    assert away.request == authorization_request(
        client_id=CLIENT.client_id,
        redirect_uri=f"{BASE_URL}/callback",
        scopes=world.services.settings.scopes,
        state=attempt.state,
        nonce=attempt.nonce,
        verifier=attempt.verifier,
        extras={"max_age": "60", "login_hint": "ada@example.com"},
    )
    assert (attempt.return_to, attempt.max_age, attempt.started_at) == ("/x?y", 60, NOW)


def test_every_attempt_has_values_of_its_own(world: World) -> None:
    keys = world.services.secrets.keys
    seen: list[str] = []
    for _ in range(20):
        away = begin(world)
        attempt = find_attempt(away.request["state"], away.cookies, keys, NOW)
        seen += [attempt.state, attempt.nonce, attempt.verifier, attempt.session_secret]
    assert len(set(seen)) == 80
    assert {len(value) for value in seen} == {43}


def test_the_verifier_and_the_session_secret_stay_here(world: World) -> None:
    started = start(world.services, "", {}, BASE_URL, NOW)
    away = begin(world)
    attempt = find_attempt(away.request["state"], away.cookies, world.services.secrets.keys, NOW)
    shown = started.location + "".join(away.request.values()) + "".join(away.cookies.values())
    assert attempt.verifier not in shown
    assert attempt.session_secret not in shown


def test_once_warm_it_makes_no_call_at_all(world: World) -> None:
    begin(world)
    reads, calls = dict(world.secrets.reads), len(world.provider.calls)
    begin(world)
    assert (dict(world.secrets.reads), len(world.provider.calls)) == (reads, calls)
    assert not world.store.calls


def test_the_sixth_attempt_drops_the_oldest(world: World) -> None:
    cookies: dict[str, str] = {}
    names = []
    for second in range(7):
        away = begin(world, cookies=cookies, now=NOW + second)
        cookies = away.cookies
        names.append(away.cookie)
    assert set(cookies) == set(names[2:])


@pytest.mark.parametrize("query", ["return_to=//evil.example", "first_screen=x", "prompt=none", "a=1&a=2"])
def test_refuses_parameters_before_anything_is_asked(world: World, query: str) -> None:
    with pytest.raises(InvalidRequest):
        begin(world, query=query)
    assert not world.provider.calls
    assert not world.secrets.reads


def test_an_authorization_endpoint_may_have_a_query_already(world: World) -> None:
    endpoint = f"{ISSUER}/auth?tenant=x"
    world.provider.answers[DISCOVERY] = Reply(200, {**METADATA, "authorization_endpoint": endpoint})
    assert start(world.services, "", {}, BASE_URL, NOW).location.startswith(f"{endpoint}&client_id=")


def test_a_pushed_request_leaves_only_its_reference_in_the_address() -> None:
    world = make_world({PAR: PUSHED}, PUSHED_AUTHORIZATION_REQUESTS="true")
    assert begin(world).request == {
        "client_id": CLIENT.client_id,
        "request_uri": "urn:ietf:params:oauth:request_uri:x",
    }
    [call] = world.provider.to(PAR)
    assert call.client == CLIENT
    assert {"state", "nonce", "code_challenge", "redirect_uri", "scope"} <= set(call.form)


def test_a_request_is_not_pushed_where_that_is_not_offered() -> None:
    world = make_world(PUSHED_AUTHORIZATION_REQUESTS="true")
    world.provider.answers[DISCOVERY] = Reply(
        200, {**METADATA, "pushed_authorization_request_endpoint": None}
    )
    assert "state" in begin(world).request


@pytest.mark.parametrize(
    "reply",
    [
        Reply(400, {"error": "invalid_request"}),
        Reply(200, {"request_uri": "x"}),
        Reply(201, {}),
        Reply(201, None),
    ],
)
def test_a_pushed_request_that_is_not_taken_is_a_failure(reply: Reply) -> None:
    with pytest.raises(ProviderUnavailable):
        begin(make_world({PAR: reply}, PUSHED_AUTHORIZATION_REQUESTS="true"))


def test_a_pushed_request_uses_the_newest_secret() -> None:
    refused = Reply(401, {"error": "invalid_client"})
    world = make_world({PAR: [refused, PUSHED]}, PUSHED_AUTHORIZATION_REQUESTS="true")
    world.services.secrets.client.get(NOW - 60)
    world.secrets.put("logto", {"clientId": CLIENT.client_id, "clientSecret": "newer"})
    begin(world)
    assert [call.client and call.client.client_secret for call in world.provider.to(PAR)] == [
        CLIENT.client_secret,
        "newer",
    ]


def test_without_logto_it_says_so(world: World) -> None:
    world.provider.answers[DISCOVERY] = ProviderUnavailable()
    with pytest.raises(ProviderUnavailable):
        begin(world)


def test_without_its_keys_it_begins_nothing(world: World) -> None:
    world.secrets.failure = SecretsUnavailable()
    with pytest.raises(SecretsUnavailable):
        begin(world)
