"""Tokens are renewed by one caller at a time, and the session follows its user at Logto."""

from typing import Any

import pytest

from passerelle.errors import ProviderUnavailable
from passerelle.ports import Reply
from passerelle.refresh import AGAIN_SECONDS
from passerelle.sessions import AHEAD_SECONDS, seal_contents
from tests.support.doubles import NOW, USERINFO, Answer, Call
from tests.unit.journey import TOKEN
from tests.unit.renewing import HOUR, INVALID_GRANT, Renewing


@pytest.fixture
def renewing() -> Renewing:
    return Renewing()


def test_nothing_is_renewed_before_it_is_due(renewing: Renewing) -> None:
    assert renewing.at(HOUR - AHEAD_SECONDS - 1)
    assert renewing.calls == []
    assert renewing.at(HOUR - AHEAD_SECONDS)
    assert len(renewing.calls) == 1
    assert renewing.at(HOUR)
    assert len(renewing.calls) == 1


def test_what_comes_back_is_stored(renewing: Renewing) -> None:
    renewing.rotates = True
    for turn in range(1, 4):
        assert renewing.at(turn * HOUR)
        session, contents = renewing.stored()
        assert (session.generation, session.lease_holder, session.lease_until) == (turn, "", 0)
        assert contents.refresh_token == f"refresh-{turn}"
        assert contents.access_token_expires_at == NOW + turn * HOUR + HOUR
    tokens = [call.form["refresh_token"] for call in renewing.calls]
    assert tokens == ["the-refresh-token", "refresh-1", "refresh-2"]


def test_a_session_without_a_refresh_token_lives_by_its_own_lifetimes() -> None:
    renewing = Renewing(SCOPES="openid profile email")
    session, contents = renewing.stored()
    sealed = seal_contents(
        renewing.world.services, session.user, session.id, contents._replace(refresh_token=""), NOW
    )
    renewing.world.store.table.sessions[session.user, session.id] = session._replace(contents=sealed)
    assert renewing.at(2 * HOUR)
    assert renewing.calls == []


def test_a_grant_that_is_over_ends_the_session(renewing: Renewing) -> None:
    renewing.reply = INVALID_GRANT
    assert renewing.at(HOUR) is None
    assert renewing.world.store.table.sessions == {}
    assert renewing.at(HOUR + 1) is None
    assert len(renewing.calls) == 1


def test_a_grant_is_believed_to_be_over_only_after_another_look(
    renewing: Renewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody renewed meanwhile: with our old token came `invalid_grant`, and the session is well."""
    world = renewing.world
    real, looks = world.store.session, []

    def answer(call: Call) -> Reply:
        [(key, session)] = world.store.table.sessions.items()
        renewed = session._replace(generation=session.generation + 1, lease_holder="", lease_until=0)
        world.store.table.sessions[key] = renewed
        return INVALID_GRANT

    def look(*key: Any) -> Any:
        looks.append(key)
        return real(*key)

    world.provider.answers[TOKEN] = answer
    monkeypatch.setattr(world.store, "session", look)
    found = renewing.at(HOUR)
    assert found is not None
    assert found.session.generation == 1
    assert len(looks) == 2


@pytest.mark.parametrize(
    "reply", [ProviderUnavailable(reason="down"), Reply(503, None), Reply(429, None), Reply(200, {}),
              Reply(401, {"error": "invalid_client"}), Reply(400, {"error": "invalid_request"})], ids=str,
)  # fmt: skip
def test_while_logto_does_not_answer_the_session_lives_on(renewing: Renewing, reply: Any) -> None:
    renewing.reply = reply
    assert renewing.at(HOUR)
    tries = len(renewing.calls)
    assert renewing.at(HOUR + AGAIN_SECONDS - 1)
    assert len(renewing.calls) == tries, "nobody tries again for a while"
    renewing.reply = None
    found = renewing.at(HOUR + AGAIN_SECONDS)
    assert found
    assert found.session.generation == 1


def test_where_the_setting_says_so_it_does_not() -> None:
    renewing = Renewing(SESSION_NEEDS_PROVIDER="true")
    renewing.reply = ProviderUnavailable(reason="down")
    for seconds in (HOUR, HOUR + 1):
        with pytest.raises(ProviderUnavailable):
            renewing.at(seconds)
    assert renewing.stored()


@pytest.mark.parametrize(
    "changes",
    [{"sub": "somebody-else"}, {"iss": "https://other.example"}, {"aud": "other"}, {"azp": "other"},
     {"nonce": "another"}, {"iat": NOW - 10 * HOUR}, {"iat": None}, {"exp": NOW}, {"sub": None}],
    ids=str,
)  # fmt: skip
def test_an_id_token_that_breaks_a_rule_ends_the_session(renewing: Renewing, changes: dict[str, Any]) -> None:
    renewing.changes = changes
    assert renewing.at(HOUR) is None
    assert renewing.world.store.table.sessions == {}


def test_another_profile_is_taken_over(renewing: Renewing) -> None:
    renewing.changes = {"name": "Ada King", "email": "ada@king.example"}
    found = renewing.at(HOUR)
    assert found
    assert found.profile["name"] == "Ada King"
    assert renewing.stored()[1].profile["email"] == "ada@king.example"
    later = renewing.at(HOUR + 1)
    assert later
    assert later.profile["name"] == "Ada King"


def ask_userinfo(renewing: Renewing, answer: Answer) -> None:
    """From now on, ask the userinfo endpoint as well."""
    services = renewing.world.services
    services = services._replace(settings=services.settings._replace(userinfo=True))
    renewing.world = renewing.world._replace(services=services)
    renewing.world.provider.answers[USERINFO] = answer


def test_userinfo_is_asked_with_the_new_access_token(renewing: Renewing) -> None:
    ask_userinfo(renewing, Reply(200, {"sub": "mjt0ihu0vqqh", "name": "Ada King"}))
    renewing.changes = {"name": None}
    found = renewing.at(HOUR)
    assert found
    assert found.profile["name"] == "Ada King"
    assert [call.access_token for call in renewing.world.provider.to(USERINFO)] == ["another access token"]


@pytest.mark.parametrize(
    ("reply", "lives"),
    [
        (Reply(200, {"sub": "somebody-else"}), False),
        (Reply(200, {"sub": "mjt0ihu0vqqh"}), True),
        (Reply(500, None), True),
        (ProviderUnavailable(), True),
    ],
    ids=["of somebody else", "empty", "refused", "down"],
)
def test_userinfo_of_somebody_else_ends_the_session(
    renewing: Renewing, reply: Reply | Exception, lives: bool
) -> None:
    ask_userinfo(renewing, reply)
    assert (renewing.at(HOUR) is not None) is lives
