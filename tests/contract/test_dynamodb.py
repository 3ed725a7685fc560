"""What DynamoDBStore says on the wire, and what it makes of lost and unkind answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from passerelle.adapters import aws
from passerelle.errors import StoreUnavailable
from passerelle.ports import Outcome, Revocation, StoredSession
from tests.contract.callers import DynamoDBSessions
from tests.contract.test_store import LATER, begun, kept, new_key, new_session, read
from tests.contract.wire import Exchange, Wire, open_wire
from tests.support.doubles import NOW
from tests.support.moto_server import Moto

CONFLICT = {"Code": "TransactionConflict"}
PREFIX = "com.amazonaws.dynamodb.v20120810#"


class Link:
    """Between the store and the stand-in: loses or replaces answers by operation."""

    def __init__(self, moto: Moto, wire: Wire) -> None:
        self._moto, self._wire = moto, wire
        self.lose: list[str] = []
        self.replace: list[tuple[str, int, dict[str, Any]]] = []
        self.store = DynamoDBSessions(moto.table, aws.dynamodb(wire.url))
        wire.script = self._pass

    def requests(self, operation: str) -> list[dict[str, Any]]:
        return [
            json.loads(received.body)
            for received in self._wire.received
            if received.headers["x-amz-target"].endswith(f".{operation}")
        ]

    def _pass(self, exchange: Exchange) -> None:
        operation = exchange.received.headers["x-amz-target"].partition(".")[2]
        for canned in self.replace:
            if canned[0] == operation:
                self.replace.remove(canned)
                return exchange.answer(
                    canned[1], json.dumps(canned[2]).encode(), "application/x-amz-json-1.0"
                )
        status, body = exchange.forward(self._moto.url)
        if operation in self.lose:
            self.lose.remove(operation)
            return exchange.hang_up()
        return exchange.answer(status, body, "application/x-amz-json-1.0")


@pytest.fixture
def link(moto: Moto) -> Iterator[Link]:
    with open_wire() as wire:
        yield Link(moto, wire)


def test_a_mark_whose_answer_was_lost_is_still_ours(link: Link) -> None:
    link.lose = ["PutItem"]
    attempt = new_key()
    assert link.store.mark_attempt(attempt, LATER) is True
    assert len(link.requests("PutItem")) == 2
    assert link.store.mark_attempt(attempt, LATER) is False


def test_a_finish_that_is_sent_again_is_the_same_to_dynamodb(link: Link) -> None:
    attempt, session = begun(link.store), new_session()
    link.replace = [("TransactWriteItems", 500, {"__type": "InternalServerError"})]
    link.store.finish_attempt(attempt, session, None)
    tokens = {request["ClientRequestToken"] for request in link.requests("TransactWriteItems")}
    assert len(link.requests("TransactWriteItems")) == 2
    assert len(tokens) == 1


@pytest.mark.parametrize("operation", ["touch", "fail", "revoke"])
def test_writes_whose_answer_was_lost_hold_all_the_same(link: Link, operation: str) -> None:
    link.lose = ["UpdateItem"]
    session = kept(link.store)
    if operation == "touch":
        assert link.store.touch_session(session.user, session.id, NOW + 1, LATER)
    if operation == "fail":
        attempt = begun(link.store)
        link.store.fail_attempt(attempt, "x", 400)
        assert link.store.attempt_outcome(attempt) == Outcome(error="x", status=400)
    if operation == "revoke":
        link.store.revoke(session.user, NOW, LATER)
        assert link.store.session(session.user, session.id)[1] == Revocation(NOW)
    assert not link.lose


def test_a_session_ended_with_a_lost_answer_is_ours_to_revoke(link: Link) -> None:
    session = kept(link.store)
    link.lose = ["UpdateItem"]
    assert link.store.end_session(session.user, session.id, NOW) == session


def test_reads_are_consistent(link: Link, moto: Moto) -> None:
    session = kept(link.store)
    read(link.store, session)
    link.store.attempt_outcome(new_key())
    assert len(link.requests("BatchGetItem")) == 1
    assert link.requests("BatchGetItem")[0]["RequestItems"][moto.table]["ConsistentRead"] is True
    assert link.requests("GetItem")[0]["ConsistentRead"] is True


def test_a_conflict_between_transactions_passes(link: Link) -> None:
    canned = {"__type": f"{PREFIX}TransactionCanceledException", "CancellationReasons": [CONFLICT, CONFLICT]}
    attempt, session = begun(link.store), new_session()
    link.replace = [("TransactWriteItems", 400, canned)] * 4
    link.store.finish_attempt(attempt, session, None)
    assert read(link.store, session) == session


def test_a_conflict_that_does_not_pass_is_told(link: Link) -> None:
    canned = {"__type": f"{PREFIX}TransactionCanceledException", "CancellationReasons": [CONFLICT]}
    attempt = begun(link.store)
    link.replace = [("TransactWriteItems", 400, canned)] * 20
    with pytest.raises(StoreUnavailable):
        link.store.finish_attempt(attempt, new_session(), None)
    assert len(link.requests("TransactWriteItems")) == 5


@pytest.mark.parametrize(("verb", "operation"), [("touch", "UpdateItem"), ("end", "UpdateItem")])
def test_a_single_write_that_meets_a_transaction_is_tried_again(
    link: Link, verb: str, operation: str
) -> None:
    session = kept(link.store)
    link.replace = [(operation, 400, {"__type": f"{PREFIX}TransactionConflictException", "message": "x"})]
    if verb == "touch":
        assert link.store.touch_session(session.user, session.id, NOW + 1, LATER)
    else:
        assert link.store.end_session(session.user, session.id, NOW) == session


def test_a_key_that_stays_unprocessed_refuses(link: Link, moto: Moto) -> None:
    session = kept(link.store)
    keys = {"Keys": [{"pk": {"S": session.user}, "sk": {"S": "revocation"}}]}
    canned = {"Responses": {}, "UnprocessedKeys": {moto.table: keys}}
    link.replace = [("BatchGetItem", 200, canned)]
    assert read(link.store, session) == session
    link.replace = [("BatchGetItem", 200, canned)] * 2
    with pytest.raises(StoreUnavailable):
        link.store.session(session.user, session.id)


def test_a_fault_of_dynamodb_is_told_by_its_code_alone(link: Link) -> None:
    fault = {"__type": f"{PREFIX}ValidationException", "message": "the-partition"}
    link.replace = [("PutItem", 400, fault)]
    with pytest.raises(StoreUnavailable) as refusal:
        link.store.mark_attempt("the-partition", LATER)
    assert refusal.value.reason == "ValidationException"
    assert refusal.value.__suppress_context__


def every_verb(store: DynamoDBSessions, session: StoredSession) -> list[Any]:
    return [
        lambda: store.mark_attempt("a", LATER),
        lambda: store.attempt_outcome("a"),
        lambda: store.finish_attempt("a", session, None),
        lambda: store.fail_attempt("a", "x", 400),
        lambda: store.session(session.user, session.id),
        lambda: store.sessions(session.user),
        lambda: store.lease_session(session, "h", NOW, LATER),
        lambda: store.renew_session(session, "h", "c"),
        lambda: store.release_session(session, "h", LATER),
        lambda: store.end_sid("sid", LATER),
        lambda: store.is_marked("m"),
        lambda: store.mark("m", LATER),
        lambda: store.touch_session(session.user, session.id, NOW, LATER),
        lambda: store.end_session(session.user, session.id, NOW),
        lambda: store.revoke(session.user, NOW, LATER),
    ]


@pytest.mark.parametrize("number", range(15))
def test_a_dynamodb_that_does_not_answer_is_told(moto: Moto, number: int) -> None:
    verb = every_verb(DynamoDBSessions(moto.table, aws.dynamodb("http://127.0.0.1:9")), new_session())[number]
    with pytest.raises(StoreUnavailable):
        verb()


def test_every_item_is_swept_in_the_end(moto: Moto) -> None:
    store = DynamoDBSessions(moto.table, aws.dynamodb(moto.url))
    attempt, session = begun(store), new_session()
    store.finish_attempt(attempt, session, None)
    store.revoke(session.user, NOW, LATER + 1)
    places = [
        (f"attempt#{attempt}", "attempt"),
        (session.user, f"s#{session.id}"),
        (session.user, "revocation"),
    ]
    items = [moto.item(*place) for place in places]
    ttl = [item["ttl"]["N"] for item in items if item]
    assert ttl == [str(LATER), str(session.expires_at), str(LATER + 1)]
    store.touch_session(session.user, session.id, NOW + 5, LATER + 2)
    touched = moto.item(session.user, f"s#{session.id}")
    assert touched
    assert touched["ttl"]["N"] == str(LATER + 2)


def test_a_session_that_was_ended_is_gone_for_all_who_ask_and_swept_at_once(moto: Moto) -> None:
    store = DynamoDBSessions(moto.table, aws.dynamodb(moto.url))
    session = kept(store)
    assert store.end_session(session.user, session.id, NOW + 7)
    item = moto.item(session.user, f"s#{session.id}")
    assert item
    assert item["ttl"]["N"] == str(NOW + 7)
    assert read(store, session) is None
    assert store.touch_session(session.user, session.id, NOW + 8, LATER) is False
    assert moto.item(session.user, f"s#{session.id}") == item
    with pytest.raises(StoreUnavailable):
        store.finish_attempt(begun(store), session, None)
