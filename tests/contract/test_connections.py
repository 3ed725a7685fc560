"""Connections are kept and used again, and one that died costs at most one quiet repetition."""

import pytest

from passerelle.adapters import transport
from passerelle.adapters.logto import Logto
from passerelle.adapters.mailgun import Mailgun
from passerelle.errors import MailerUnavailable, ProviderUnavailable
from passerelle.ports import ClientCredentials, Reply
from tests.contract.wire import Exchange, Wire, open_wire

CLIENT = ClientCredentials("the-client", "the-secret")


@pytest.fixture(autouse=True)
def _no_connections() -> None:
    transport.forget()


def serve_then_die(wire: Wire, deaths: int) -> None:
    """Answer once, and then break the connection under a request, `deaths` times."""
    left = [deaths]

    def script(exchange: Exchange) -> None:
        if len(wire.received) > 1 and left[0]:
            left[0] -= 1
            exchange.hang_up()
        else:
            exchange.answer(200, b"{}")

    wire.script = script


def test_one_connection_serves_many_requests() -> None:
    with open_wire() as wire:
        serve_then_die(wire, 0)
        for _ in range(5):
            assert Logto().get(wire.url) == Reply(200, {})
        assert len(transport._idle[("http", "127.0.0.1", int(wire.url.rpartition(":")[2]))]) == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_connection_that_breaks_under_a_request_costs_one_repetition(method: str) -> None:
    with open_wire() as wire:
        serve_then_die(wire, 1)
        Logto().get(wire.url)
        reply = Logto().get(wire.url) if method == "get" else Logto().post(wire.url, {"code": "x"}, CLIENT)
        assert reply == Reply(200, {})
        assert len(wire.received) == 3


def test_a_new_connection_that_breaks_is_not_tried_again() -> None:
    with open_wire() as wire:
        serve_then_die(wire, 2)
        Logto().get(wire.url)
        with pytest.raises(ProviderUnavailable):
            Logto().get(wire.url)
        assert len(wire.received) == 3


def test_a_message_is_never_sent_twice() -> None:
    with open_wire() as wire:
        serve_then_die(wire, 1)
        Mailgun().send(wire.url, "d", "k", {}, 8.0)
        with pytest.raises(MailerUnavailable):
            Mailgun().send(wire.url, "d", "k", {}, 8.0)
        assert len(wire.received) == 2
