"""Whether Logto tells its clients apart, from what `/send-otp` sends to what the check says."""

import json
from collections.abc import Iterator

import httpx
import pytest

from local.stack import Stack
from passerelle import runtime
from passerelle.blocks import WINDOW_SECONDS
from passerelle.errors import StoreUnavailable
from passerelle.otp.clients import MANY, NONE, ONE, SEVERAL, Clients
from passerelle.runtime import SystemClock
from tests.support.doubles import NOW
from tests.support.health import found
from tests.support.provider import empty_table, stored_items


@pytest.fixture(autouse=True)
def _elsewhere(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    empty_table(stack)
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://auth.example.com")
    runtime.forget()
    yield
    empty_table(stack)


def send(stack: Stack, address: str, ip: str | None, kind: str = "SignIn", code: str = "123456") -> None:
    body = {"to": address, "type": kind, "payload": {"code": code}} | ({"ip": ip} if ip else {})
    headers = {"authorization": f"Bearer {stack.send_otp_token}"}
    answer = httpx.post(f"{stack.app_url}/send-otp", json=body, headers=headers, trust_env=False)
    assert answer.status_code == 200


def people(number: int = MANY) -> list[str]:
    return [f"person-{each}@example.com" for each in range(number)]


def test_two_clients_are_enough(stack: Stack) -> None:
    send(stack, "ada@example.com", "81.2.69.142")
    assert found("client_addresses") == ["client_addresses_unseen"]
    send(stack, "grace@example.com", "::ffff:81.2.69.160")
    assert found("client_addresses") == []


@pytest.mark.parametrize(
    ("ip", "code"),
    [
        ("81.2.69.142", "client_addresses_shared"),
        ("10.0.0.7", "client_addresses_missing"),
        (None, "client_addresses_missing"),
    ],
)
def test_one_proxy_for_everybody(stack: Stack, ip: str | None, code: str) -> None:
    for address in people(MANY - 1):
        send(stack, address, ip)
    assert found("client_addresses") == ["client_addresses_unseen"]
    send(stack, people()[-1], ip)
    assert found("client_addresses") == [code]


def test_one_person_who_tries_often_is_not_everybody(stack: Stack) -> None:
    for turn in range(MANY + 1):
        send(stack, "ada@example.com", "81.2.69.142", "ForgotPassword", code=str(turn))
    assert stack.mailgun is not None
    assert len(stack.mailgun.messages) == MANY + 1
    assert found("client_addresses") == ["client_addresses_unseen"]


def test_types_for_which_logto_names_nobody_do_not_count(stack: Stack) -> None:
    for address in people(MANY + 1):
        send(stack, address, None, "BindNewIdentifier")
    assert found("client_addresses") == ["client_addresses_unseen"]


def test_on_one_machine_there_is_nobody_to_tell_apart(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in people():
        send(stack, address, "::ffff:127.0.0.1")
    monkeypatch.setenv("PUBLIC_BASE_URL", "http://localhost:3000")
    assert found("client_addresses") == ["client_addresses_unseen"]


def test_what_was_noted_counts_for_two_hours_at_the_most(stack: Stack) -> None:
    class Later(SystemClock):
        def __init__(self, hours: int) -> None:
            self.ahead = hours * WINDOW_SECONDS

        def now(self) -> float:
            return super().now() + self.ahead

    for address in people():
        send(stack, address, "81.2.69.142")
    assert found("client_addresses", clock=Later(1)) == ["client_addresses_shared"]
    assert found("client_addresses", clock=Later(2)) == ["client_addresses_unseen"]


def test_what_is_noted_holds_no_address_not_even_hashed(stack: Stack) -> None:
    for address in people():
        send(stack, address, "81.2.69.142")
    [noted] = [item for item in stored_items(stack) if item["pk"]["S"].startswith("clients#")]
    assert noted.keys() == {"pk", "sk", "ttl", "count"}
    assert "81.2" not in json.dumps(noted)


def test_an_environment_notes_three_things_an_hour_at_the_most() -> None:
    noted: list[tuple[str, int]] = []
    clients = Clients(lambda key, window, amount, after: noted.append((key, window)) or amount)  # type: ignore[func-returns-value]
    for hour in range(2):
        now = NOW + hour * WINDOW_SECONDS
        for turn in range(50):
            clients.see(None if turn < 20 else f"net-{turn % 7 if turn > 30 else 0}", f"a{turn}", now)
        window = int(now // WINDOW_SECONDS)
        assert noted[hour * 3 :] == [(NONE, window), (ONE, window), (SEVERAL, window)]


def test_a_table_that_fails_costs_no_message(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise StoreUnavailable(reason="for the test")

    services = runtime.services()
    monkeypatch.setattr(services.clients, "_note", fail)
    for network in ("81.2.69.142", "81.2.69.160"):
        send(stack, f"of-{network}@example.com", network)


def test_a_table_that_does_not_answer_is_told_of_elsewhere(stack: Stack) -> None:
    class Broken:
        def counts(self, *_: object) -> None:
            raise StoreUnavailable(reason="for the test")

    assert found("client_addresses", table=Broken()) == ["check_skipped table"]
