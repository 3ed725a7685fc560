"""The promises of the Store, kept by DynamoDB and by its double alike."""

import secrets

import pytest

from passerelle.adapters import aws
from passerelle.errors import StoreUnavailable
from passerelle.ports import Outcome, Revocation, StoredSession
from tests.contract.callers import Boto3Caller, DynamoDBSessions, MemorySessions, Sessions, at_once
from tests.support.doubles import NOW
from tests.support.moto_server import Moto

LATER = NOW + 3600


@pytest.fixture(params=["memory", "dynamodb", "dynamodb by boto3"])
def store(request: pytest.FixtureRequest) -> Sessions:
    if request.param == "memory":
        return MemorySessions()
    moto: Moto = request.getfixturevalue("moto")
    caller = aws.dynamodb(moto.url) if request.param == "dynamodb" else Boto3Caller(moto.url)
    return DynamoDBSessions(moto.table, caller)


def new_key() -> str:
    return secrets.token_urlsafe(16)


def new_session(user: str | None = None, **changed: object) -> StoredSession:
    session = StoredSession(user or new_key(), new_key(), NOW, NOW, NOW + 7200, NOW - 1, "0.sealed")
    return session._replace(**changed)  # type: ignore[arg-type]


def begun(store: Sessions) -> str:
    attempt = new_key()
    assert store.mark_attempt(attempt, LATER)
    return attempt


def kept(store: Sessions, session: StoredSession | None = None) -> StoredSession:
    session = session or new_session()
    store.finish_attempt(begun(store), session, None)
    return session


def read(store: Sessions, session: StoredSession) -> StoredSession | None:
    return store.session(session.user, session.id)[0]


def test_an_attempt_is_marked_once(store: Sessions) -> None:
    attempt = new_key()
    assert store.mark_attempt(attempt, LATER) is True
    assert store.mark_attempt(attempt, LATER) is False
    assert store.mark_attempt(new_key(), LATER) is True


def test_of_fifty_who_mark_an_attempt_one_has_it(store: Sessions) -> None:
    attempt = new_key()
    assert sorted(at_once(lambda _: store.mark_attempt(attempt, LATER))) == [False] * 49 + [True]


def test_a_marked_attempt_has_no_outcome_yet_and_an_unmarked_one_neither(store: Sessions) -> None:
    assert store.attempt_outcome(begun(store)) is None
    assert store.attempt_outcome(new_key()) is None


def test_finishing_stores_the_session_and_says_so_on_the_mark(store: Sessions) -> None:
    attempt, session = begun(store), new_session()
    store.finish_attempt(attempt, session, None)
    assert store.attempt_outcome(attempt) == Outcome(user=session.user, session=session.id)
    assert store.session(session.user, session.id) == (session, None)


def test_failing_says_so_on_the_mark(store: Sessions) -> None:
    attempt = begun(store)
    store.fail_attempt(attempt, "nonce_mismatch", 400)
    assert store.attempt_outcome(attempt) == Outcome(error="nonce_mismatch", status=400)


def test_an_outcome_is_written_once(store: Sessions) -> None:
    failed, finished, session = begun(store), begun(store), new_session()
    store.fail_attempt(failed, "first", 400)
    store.fail_attempt(failed, "second", 503)
    assert store.attempt_outcome(failed) == Outcome(error="first", status=400)
    store.finish_attempt(finished, session, None)
    store.fail_attempt(finished, "late", 400)
    assert store.attempt_outcome(finished) == Outcome(user=session.user, session=session.id)


def test_failing_an_attempt_that_nobody_marked_marks_nothing(store: Sessions) -> None:
    attempt = new_key()
    store.fail_attempt(attempt, "x", 500)
    assert store.attempt_outcome(attempt) is None
    assert store.mark_attempt(attempt, LATER)


def test_finishing_replaces_the_session_of_the_same_browser(store: Sessions) -> None:
    old, new = kept(store), new_session()
    store.finish_attempt(begun(store), new, (old.user, old.id))
    assert read(store, old) is None
    assert read(store, new) == new


def test_the_session_to_replace_need_not_exist(store: Sessions) -> None:
    new = new_session()
    store.finish_attempt(begun(store), new, (new_key(), new_key()))
    assert read(store, new) == new


@pytest.mark.parametrize("fault", ["unmarked", "failed", "finished", "exists"])
def test_finishing_does_all_or_nothing(store: Sessions, fault: str) -> None:
    old, attempt, session = kept(store), new_key(), new_session()
    if fault != "unmarked":
        assert store.mark_attempt(attempt, LATER)
    if fault == "failed":
        store.fail_attempt(attempt, "x", 500)
    if fault == "finished":
        store.finish_attempt(attempt, new_session(), None)
    if fault == "exists":
        kept(store, session._replace(contents="0.first"))
    before = store.attempt_outcome(attempt)
    with pytest.raises(StoreUnavailable):
        store.finish_attempt(attempt, session, (old.user, old.id))
    assert store.attempt_outcome(attempt) == before
    assert read(store, old) == old
    present = read(store, session)
    assert (present and present.contents) == ("0.first" if fault == "exists" else None)


def test_finishing_and_failing_at_once_end_one_way(store: Sessions) -> None:
    attempt, session = begun(store), new_session()

    def one(number: int) -> None:
        if number % 2:
            store.fail_attempt(attempt, "x", 500)
            return
        try:
            store.finish_attempt(attempt, session, None)
        except StoreUnavailable:
            return

    at_once(one)
    outcome = store.attempt_outcome(attempt)
    assert outcome in (Outcome(user=session.user, session=session.id), Outcome(error="x", status=500))
    assert (read(store, session) is not None) == bool(outcome and outcome.user)


def test_a_session_is_read_with_its_user_s_revocation(store: Sessions) -> None:
    session, revocation = kept(store), Revocation(NOW, NOW + 1, "spared")
    store.revoke(session.user, NOW, LATER)
    store.revoke(session.user, NOW + 1, LATER, spared="spared")
    assert store.session(session.user, session.id) == (session, revocation)
    assert store.session(session.user, new_key()) == (None, revocation)
    assert store.session(new_key(), session.id) == (None, None)


def test_touching_moves_last_seen_and_nothing_else(store: Sessions) -> None:
    session = kept(store)
    assert store.touch_session(session.user, session.id, NOW + 300, LATER) is True
    assert read(store, session) == session._replace(last_seen_at=NOW + 300)


def test_touching_never_brings_a_session_back(store: Sessions) -> None:
    session = kept(store)
    assert store.end_session(session.user, session.id, NOW)
    assert store.touch_session(session.user, session.id, NOW + 300, LATER) is False
    assert read(store, session) is None


def test_touching_and_ending_at_once_leave_nothing(store: Sessions) -> None:
    session = kept(store)

    def one(number: int) -> object:
        if number == 25:
            return store.end_session(session.user, session.id, NOW)
        return store.touch_session(session.user, session.id, NOW + number, LATER)

    at_once(one)
    assert read(store, session) is None


def test_of_fifty_who_end_a_session_one_gets_it(store: Sessions) -> None:
    session = kept(store)
    ended = at_once(lambda _: store.end_session(session.user, session.id, NOW))
    assert [one for one in ended if one] == [session]
    assert read(store, session) is None


def test_ending_leaves_the_user_s_other_sessions(store: Sessions) -> None:
    one = kept(store)
    other = kept(store, new_session(one.user))
    store.end_session(one.user, one.id, NOW)
    assert read(store, other) == other


def test_a_revocation_goes_forwards_only(store: Sessions) -> None:
    user = new_key()
    for before in (NOW, NOW + 10, NOW + 5, NOW - 100):
        store.revoke(user, before, LATER, spared=str(before))
        store.revoke(user, before - 1, LATER)
    assert store.session(user, new_key())[1] == Revocation(NOW + 9, NOW + 10, str(NOW + 10))


def test_of_many_revocations_at_once_the_latest_stands(store: Sessions) -> None:
    user = new_key()
    at_once(lambda number: store.revoke(user, NOW + number, LATER))
    assert store.session(user, new_key())[1] == Revocation(NOW + 49)
