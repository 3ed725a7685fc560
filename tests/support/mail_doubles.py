"""Doubles of `MessageStore`, which the contract suite holds to its promises, and of `Mailer`."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from passerelle.otp.ports import Claim, Claimed, DeliveryEvent, MessageRecord, Suppression


class MemoryMessages:
    """Keeps the promises of `MessageStore` with one lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.claims: dict[str, Claim] = {}
        self.records: dict[str, MessageRecord] = {}
        self.notes: dict[str, dict[str, tuple[float, str]]] = {}
        self.counts: Counter[tuple[str, int]] = Counter()
        self.suppressions: dict[str, dict[Suppression, int]] = {}
        self.tokens: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.failure: Exception | None = None

    def claim(self, claim: Claim) -> Claimed:
        with self._called("claim"):
            record = self.records.get(claim.delivery_id)
            if record and self._stands(record, claim):
                return Claimed(record.state)  # type: ignore[arg-type]
            kinds = self.suppressions.get(claim.address, {})
            if standing := frozenset(kind for kind, until in kinds.items() if until >= claim.claimed_at):
                return Claimed("suppressed", suppressions=standing)
            for count in claim.counts:
                if self.counts[count.key, count.window] >= count.maximum:
                    return Claimed("limited", count.key)
            for count in claim.counts:
                self.counts[count.key, count.window] += 1
            self.claims[claim.delivery_id] = claim
            self.records[claim.delivery_id] = MessageRecord("sending", claim.claimed_at, None)
            self.notes[claim.delivery_id] = {}
            return Claimed("taken")

    def settle(self, claim: Claim, *, accepted: bool, at: float) -> None:
        with self._called("settle"):
            standing = self.claims.get(claim.delivery_id)
            if standing and standing.taker == claim.taker:
                state: Any = "accepted" if accepted else "failed"
                record = MessageRecord(state, standing.claimed_at, round(at, 3))
                if not accepted and self.records[claim.delivery_id].state == "sending":
                    self.counts.subtract((count.key, count.window) for count in claim.counts)
                self.records[claim.delivery_id] = record

    def record(self, delivery_id: str) -> MessageRecord | None:
        with self._called("record"):
            return self.records.get(delivery_id)

    def reserve(self, key: str, window: int, amount: int, delete_after: int) -> int:
        with self._called("reserve"):
            self.counts[key, window] += amount
            return self.counts[key, window]

    def note_event(self, event: DeliveryEvent, delete_after: int, suppressed_until: int) -> bool:
        with self._called("note_event"):
            if event.token in self.tokens:
                return False
            self.tokens.add(event.token)
            if event.suppression:
                self.suppressions.setdefault(event.address, {})[event.suppression] = suppressed_until
            if event.delivery_id in self.records:
                self.notes[event.delivery_id][event.kind] = (event.at, event.reason)
            return True

    def clear_suppression(self, address: str) -> None:
        with self._called("clear_suppression"):
            self.suppressions.get(address, {}).pop("bounce", None)

    def _stands(self, record: MessageRecord, claim: Claim) -> bool:
        if record.state == "failed" or record.claimed_at < claim.forgotten_before:
            return False
        return record.state == "accepted" or record.claimed_at >= claim.dead_before

    def _called(self, verb: str) -> threading.Lock:
        self.calls[verb] += 1
        if self.failure:
            raise self.failure
        return self._lock


class Sent(NamedTuple):
    """One message."""

    endpoint: str
    domain: str
    api_key: str
    form: Mapping[str, str]


class ScriptedMailer:
    """A `Mailer` that gives the scripted answers, the last one for ever."""

    def __init__(self, *answers: tuple[int, str] | Exception) -> None:
        self.answers = list(answers) or [(200, '{"id":"<1@mail>"}')]
        self.sent: list[Sent] = []
        self._lock = threading.Lock()

    def send(
        self, endpoint: str, domain: str, api_key: str, form: Mapping[str, str], seconds: float
    ) -> tuple[int, str]:
        with self._lock:
            self.sent.append(Sent(endpoint, domain, api_key, dict(form)))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer
