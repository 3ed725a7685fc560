"""Signing out ends the session here first, then at Logto as far as Logto can be reached."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from passerelle.errors import Misconfigured, ProviderUnavailable, SecretsUnavailable, StoreUnavailable
from passerelle.logout import STATE_SECONDS, SignedOut, is_return_expected, sign_out
from passerelle.ports import Reply
from passerelle.sessions import live_session
from tests.support.doubles import BASE_URL, CLIENT, DISCOVERY, METADATA, NOW, World
from tests.unit.journey import REVOCATION, Logto, make_signing_world, sign_in

Made = tuple[World, Logto, str]


def make(**environment: str) -> Made:
    world, logto = make_signing_world(**environment)
    return world, logto, sign_in(world, logto).session_cookie


@pytest.fixture
def made() -> Made:
    return make()


def leave(made: Made, now: float = NOW) -> SignedOut:
    return sign_out(made[0].services, made[2], BASE_URL, now)


def query_of(signed_out: SignedOut) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(urlsplit(signed_out.location).query).items()}


def test_the_session_is_over_and_its_refresh_token_revoked(made: Made) -> None:
    signed_out = leave(made)
    assert signed_out.provider_reached
    assert live_session(made[0].services, made[2], NOW) is None
    [call] = made[0].provider.to(REVOCATION)
    assert call.form == {"token": "the-refresh-token", "token_type_hint": "refresh_token"}
    assert call.client == CLIENT


def test_the_browser_goes_on_to_logto_without_a_token(made: Made) -> None:
    signed_out = leave(made)
    query = query_of(signed_out)
    assert signed_out.location.startswith(f"{METADATA['end_session_endpoint']}?")
    assert set(query) == {"client_id", "post_logout_redirect_uri", "state"}
    assert query["client_id"] == CLIENT.client_id
    assert query["post_logout_redirect_uri"] == f"{BASE_URL}/logged-out"


def test_the_id_token_is_sent_along_when_the_settings_ask_for_it() -> None:
    query = query_of(leave(make(LOGOUT_ID_TOKEN_HINT="true")))
    assert query["id_token_hint"].count(".") == 2


@pytest.mark.parametrize("cookie", [None, "", "junk", f"{'a' * 22}.{'b' * 43}"])
def test_somebody_who_is_not_signed_in_goes_to_logto_all_the_same(made: Made, cookie: str | None) -> None:
    world = made[0]
    signed_out = sign_out(world.services, cookie, BASE_URL, NOW)
    assert signed_out.location
    assert not world.provider.to(REVOCATION)
    assert live_session(world.services, made[2], NOW)


def test_twice_revokes_once(made: Made) -> None:
    leave(made)
    leave(made)
    assert len(made[0].provider.to(REVOCATION)) == 1


@pytest.mark.parametrize(
    ("answer", "reached"),
    [
        (ProviderUnavailable(), False),
        (Reply(503, None), False),
        (Reply(400, {"error": "unsupported_token_type"}), True),
        (Reply(200, None), True),
    ],
)
def test_a_revocation_that_fails_holds_nobody_back(
    made: Made, answer: Reply | Exception, reached: bool
) -> None:
    made[0].provider.answers[REVOCATION] = answer
    signed_out = leave(made)
    assert signed_out.provider_reached is reached
    assert signed_out.location
    assert live_session(made[0].services, made[2], NOW) is None


@pytest.mark.parametrize("fault", [ProviderUnavailable(), Misconfigured()])
def test_without_logto_the_session_here_ends_all_the_same(made: Made, fault: Exception) -> None:
    world, _ = make_signing_world()
    world.provider.answers[DISCOVERY] = fault
    services = made[0].services._replace(discovery=world.services.discovery)
    assert sign_out(services, made[2], BASE_URL, NOW) == SignedOut("", "", provider_reached=False)
    assert live_session(made[0].services, made[2], NOW) is None


@pytest.mark.parametrize("name", ["end_session_endpoint", "revocation_endpoint"])
def test_a_provider_without_the_endpoint_is_left_as_far_as_it_goes(name: str) -> None:
    world, logto = make_signing_world()
    world.provider.answers[DISCOVERY] = Reply(200, {**METADATA, name: None})
    signed_out = leave((world, logto, sign_in(world, logto).session_cookie))
    assert signed_out.provider_reached
    assert bool(signed_out.location) is (name != "end_session_endpoint")
    assert bool(world.provider.to(REVOCATION)) is (name != "revocation_endpoint")


def test_nobody_is_told_signed_out_when_the_session_could_not_be_ended(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(made[0].store, "end_session", down)
    with pytest.raises(StoreUnavailable):
        leave(made)
    assert not made[0].provider.to(REVOCATION)


def test_nothing_is_ended_when_the_keys_are_missing(made: Made) -> None:
    world, _ = make_signing_world()
    world.secrets.failure = SecretsUnavailable()
    services = made[0].services._replace(secrets=world.services.secrets)
    with pytest.raises(SecretsUnavailable):
        sign_out(services, made[2], BASE_URL, NOW)
    assert live_session(made[0].services, made[2], NOW)


def test_a_session_that_cannot_be_read_ends_as_well(made: Made) -> None:
    [(key, session)] = made[0].store.table.sessions.items()
    made[0].store.table.sessions[key] = session._replace(contents="0.AAAA")
    assert leave(made).location
    assert not made[0].store.table.sessions


def expected(made: Made, query: str, cookie: str | None, now: float = NOW) -> bool:
    return is_return_expected(query, cookie, made[0].services.secrets.keys, now)


def test_the_return_is_known_by_its_state(made: Made) -> None:
    signed_out = leave(made)
    query = urlencode({"state": query_of(signed_out)["state"]})
    assert expected(made, query, signed_out.state_cookie)
    assert expected(made, query, signed_out.state_cookie, NOW + STATE_SECONDS - 1)
    assert not expected(made, query, signed_out.state_cookie, NOW + STATE_SECONDS)


@pytest.mark.parametrize(
    "query", ["", "state=", "state=other", "state=a&state=b", "state=%ff", "state=%C3%A9"]
)
def test_another_return_is_not_confirmed_and_breaks_nothing(made: Made, query: str) -> None:
    assert not expected(made, query, leave(made).state_cookie)


@pytest.mark.parametrize("cookie", [None, "", "junk", "0.AAAA", "9.AAAA", "é"])
def test_a_return_to_another_browser_is_not_confirmed(made: Made, cookie: str | None) -> None:
    query = urlencode({"state": query_of(leave(made))["state"]})
    assert not expected(made, query, cookie)


def test_the_state_of_one_sign_out_does_not_confirm_another(made: Made) -> None:
    first, second = leave(made), leave(made)
    assert not expected(made, urlencode({"state": query_of(first)["state"]}), second.state_cookie)


def test_an_attempt_s_cookie_is_no_sign_out_s(made: Made) -> None:
    from tests.unit.journey import begin

    away = begin(made[0])
    assert not expected(made, urlencode({"state": away.request["state"]}), away.cookies[away.cookie])


def test_without_its_keys_the_return_is_not_confirmed_and_breaks_nothing(made: Made) -> None:
    world, _ = make_signing_world()
    world.secrets.failure = SecretsUnavailable()
    assert not is_return_expected("state=x", "0.x", world.services.secrets.keys, NOW)
