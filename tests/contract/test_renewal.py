"""The lease on a session's tokens, the provider's own sessions, and marks: on DynamoDB and its double."""

from collections import Counter

import pytest

from passerelle.adapters import aws
from passerelle.ports import Revocation, StoredSession
from tests.contract.callers import Boto3Caller, DynamoDBSessions, MemorySessions, Sessions, at_once
from tests.contract.test_store import LATER, begun, kept, new_key, new_session, read
from tests.support.doubles import NOW
from tests.support.moto_server import Moto


@pytest.fixture(params=["memory", "dynamodb", "dynamodb by boto3"])
def store(request: pytest.FixtureRequest) -> Sessions:
    if request.param == "memory":
        return MemorySessions()
    moto: Moto = request.getfixturevalue("moto")
    caller = aws.dynamodb(moto.url) if request.param == "dynamodb" else Boto3Caller(moto.url)
    return DynamoDBSessions(moto.table, caller)


def leased(store: Sessions, session: StoredSession, holder: str = "holder") -> StoredSession:
    assert store.lease_session(session, holder, NOW, NOW + 30)
    found = read(store, session)
    assert found
    return found


def test_of_fifty_who_want_to_renew_one_may(store: Sessions) -> None:
    session = kept(store)
    got = at_once(lambda number: store.lease_session(session, f"holder {number}", NOW, NOW + 30))
    assert Counter(got) == {True: 1, False: 49}
    found = read(store, session)
    assert found
    assert found.lease_until == NOW + 30
    assert found.lease_holder.startswith("holder")


def test_a_lease_that_has_run_out_is_another_one_s_to_take(store: Sessions) -> None:
    session = leased(store, kept(store), "dead")
    assert not store.lease_session(session, "second", NOW + 29.9, NOW + 60)
    assert store.lease_session(session, "second", NOW + 30, NOW + 60)


def test_the_holder_renews_once_and_the_lease_is_over(store: Sessions) -> None:
    session = leased(store, kept(store))
    assert store.renew_session(session, "holder", "0.renewed")
    renewed = read(store, session)
    assert renewed == session._replace(contents="0.renewed", generation=1, lease_until=0, lease_holder="")
    assert not store.renew_session(session, "other", "0.again")
    assert not store.lease_session(session, "late", NOW + 1, NOW + 30), "of an older generation"
    assert renewed
    assert store.lease_session(renewed, "next", NOW + 1, NOW + 30)


def test_who_has_lost_the_lease_writes_nothing_even_late(store: Sessions) -> None:
    session = leased(store, kept(store), "slow")
    assert store.lease_session(session, "second", NOW + 30, NOW + 60)
    assert not store.renew_session(session, "slow", "0.late")
    assert store.renew_session(session, "second", "0.renewed")
    assert not store.renew_session(session, "slow", "0.later")
    found = read(store, session)
    assert found
    assert found.contents == "0.renewed"


def test_renewing_never_brings_a_session_back(store: Sessions) -> None:
    session = leased(store, kept(store))
    assert store.end_session(session.user, session.id, NOW)
    assert not store.renew_session(session, "holder", "0.renewed")
    assert not store.lease_session(session, "other", NOW + 60, NOW + 90)
    store.release_session(session, "holder", NOW + 5)
    assert read(store, session) is None


def test_a_released_lease_keeps_others_away_for_a_while(store: Sessions) -> None:
    session = leased(store, kept(store))
    store.release_session(session, "somebody else", NOW + 5)
    store.release_session(session, "holder", NOW + 15)
    found = read(store, session)
    assert found
    assert (found.lease_holder, found.lease_until) == ("", NOW + 15)
    assert not store.lease_session(found, "next", NOW + 14, NOW + 60)
    assert store.lease_session(found, "next", NOW + 15, NOW + 60)


def test_all_sessions_of_a_user_are_listed_with_the_revocation_and_no_ended_one(store: Sessions) -> None:
    one = kept(store)
    other, ended = kept(store, new_session(one.user)), kept(store, new_session(one.user))
    kept(store)
    store.end_session(ended.user, ended.id, NOW)
    listed, revocation = store.sessions(one.user)
    assert (sorted(listed), revocation) == (sorted([one, other]), None)
    store.revoke(one.user, NOW, LATER, spared=other.id)
    assert store.sessions(one.user)[1] == Revocation(others_before=NOW, spared=other.id)
    assert store.sessions(new_key()) == ([], None)


def test_a_list_of_many_pages_is_whole(store: Sessions) -> None:
    user = new_key()
    made = {kept(store, new_session(user, contents="0." + "x" * 300_000)).id for _ in range(5)}
    assert {session.id for session in store.sessions(user)[0]} == made


def test_a_provider_s_session_names_its_user_until_and_after_it_has_ended(store: Sessions) -> None:
    session = kept(store, new_session(sid=new_key()))
    assert read(store, session) == session
    assert store.end_sid(session.sid, LATER) == session.user
    assert store.end_sid(session.sid, LATER) == session.user
    assert store.end_sid(new_key(), LATER) == ""


@pytest.mark.parametrize("known", [True, False])
def test_no_session_begins_with_a_provider_s_session_that_has_ended(store: Sessions, known: bool) -> None:
    sid, user = new_key(), new_key()
    if known:
        kept(store, new_session(user, sid=sid))
    store.end_sid(sid, LATER)
    attempt, late = begun(store), new_session(user, sid=sid)
    assert store.finish_attempt(attempt, late, None) is False
    assert read(store, late) is None
    assert store.attempt_outcome(attempt) is None
    assert store.finish_attempt(begun(store), new_session(user, sid=new_key()), None) is True


@pytest.mark.parametrize("spared", ["", "another"])
def test_no_session_begins_that_is_revoked_already(store: Sessions, spared: str) -> None:
    attempt, late = begun(store), new_session()
    store.revoke(late.user, late.issued_at, LATER, spared=spared)
    assert store.finish_attempt(attempt, late, None) is False
    assert store.attempt_outcome(attempt) is None
    later = late._replace(issued_at=late.issued_at + 1)
    assert store.finish_attempt(attempt, later, None) is True
    assert read(store, later) == later


def test_a_sign_in_and_the_end_of_its_provider_s_session_leave_nothing_behind(
    store: Sessions,
) -> None:
    for _ in range(5):
        sid, user = new_key(), new_key()
        attempt, session = begun(store), new_session(user, sid=sid)

        def one(
            number: int, sid: str = sid, attempt: str = attempt, session: StoredSession = session
        ) -> object:
            if number:
                return store.finish_attempt(attempt, session, None)
            owner = store.end_sid(sid, LATER)
            for found in store.sessions(owner)[0] if owner else ():
                store.end_session(owner, found.id, NOW)
            return None

        at_once(one, 2)
        assert read(store, session) is None


def test_a_mark_is_made_once(store: Sessions) -> None:
    mark = new_key()
    assert store.is_marked(mark) is False
    assert Counter(at_once(lambda _: store.mark(mark, LATER))) == {True: 1, False: 49}
    assert store.is_marked(mark) is True
