"""What the adapters for Logto and Mailgun do on a real connection."""

import base64
import json
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, unquote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passerelle.adapters import logto, mailgun, transport
from passerelle.adapters.logto import Logto
from passerelle.adapters.mailgun import Mailgun
from passerelle.adapters.transport import Limits
from passerelle.errors import MailerUnavailable, ProviderUnavailable, Unavailable
from passerelle.ports import ClientCredentials, Reply
from tests.contract.wire import Exchange, Wire, answering, open_wire, silent

CLIENT = ClientCredentials("the-client", "the-secret")
FORM = {"code": "the-code", "to": "ada@example.com"}
PRIVATE = ("the-secret", "the-code", "ada@example.com", base64.b64encode(b"the-client:the-secret").decode())
Call = Callable[[str], object]
CALLS: dict[str, Call] = {
    "logto get": lambda url: Logto().get(f"{url}/x?code=the-code"),
    "logto post": lambda url: Logto().post(f"{url}/x", FORM, CLIENT),
    "mailgun": lambda url: Mailgun().send(url, "mail.example", "the-secret", FORM, 8.0),
}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with open_wire() as wire:
        yield wire


@pytest.fixture(params=CALLS)
def call(request: pytest.FixtureRequest) -> Call:
    return CALLS[request.param]


def refusal(call: Call, url: str) -> Unavailable:
    with pytest.raises((ProviderUnavailable, MailerUnavailable)) as caught:
        call(url)
    return caught.value


def assert_private(error: BaseException) -> None:
    told = "".join(traceback.format_exception(error))
    link: BaseException | None = error
    while link:
        told += f"{link!r} {link}"
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    source_free = "\n".join(line for line in told.splitlines() if not line.startswith("    "))
    for private in PRIVATE:
        assert private not in source_free


def limit(monkeypatch: pytest.MonkeyPatch, limits: Limits) -> None:
    for adapter in (logto, mailgun):
        assert adapter.LIMITS.total <= 8
        monkeypatch.setattr(adapter, "LIMITS", limits)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_a_refused_connection_is_no_answer(call: Call) -> None:
    assert_private(refusal(call, f"http://127.0.0.1:{free_port()}"))


def test_a_connection_that_is_cut_is_no_answer_and_nothing_is_repeated(wire: Wire, call: Call) -> None:
    wire.script = answering(None)
    assert_private(refusal(call, wire.url))
    assert len(wire.received) == 1


def test_silence_is_no_answer(wire: Wire, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, Limits(0.2, 0.2, 5.0))
    wire.script = silent(1.0)
    begin = time.monotonic()
    assert_private(refusal(call, wire.url))
    assert time.monotonic() - begin < 0.8


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x16\x03\x01\x00"])
def test_what_is_not_http_is_no_answer(wire: Wire, call: Call, answer: bytes) -> None:
    def script(exchange: Exchange) -> None:
        exchange.write(answer)
        exchange.hang_up()

    wire.script = script
    assert_private(refusal(call, wire.url))


def test_a_body_that_ends_early_is_no_answer(wire: Wire, call: Call) -> None:
    def script(exchange: Exchange) -> None:
        exchange.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}")
        exchange.hang_up()

    wire.script = script
    assert_private(refusal(call, wire.url))


@pytest.mark.parametrize("url", ["http://", "http://a b/", "http://[::1", "ftp://127.0.0.1/x"])
def test_an_address_that_cannot_be_used_is_no_answer(call: Call, url: str) -> None:
    assert_private(refusal(call, url))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(wire: Wire, call: Call, status: int) -> None:
    with open_wire() as elsewhere:
        wire.script = lambda exchange: exchange.answer(status, b"", location=f"{elsewhere.url}/stolen")
        assert call(wire.url) in (Reply(status, None), (status, ""))
        assert not elsewhere.received
    assert len(wire.received) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"x"', b"null", b"5", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_object_is_an_answer_without_one(wire: Wire, body: bytes) -> None:
    wire.script = answering((200, body))
    assert Logto().get(wire.url) == Reply(200, None)


@pytest.mark.parametrize("status", [200, 201, 400, 401, 429, 500, 503])
def test_status_and_object_come_back_as_they_are(wire: Wire, status: int) -> None:
    wire.script = answering((status, b'{"a":[1,null]}'))
    assert Logto().post(f"{wire.url}/x", FORM, CLIENT) == Reply(status, {"a": [1, None]})


def test_mailgun_s_text_comes_back_as_it_is(wire: Wire) -> None:
    wire.script = answering((401, b"Forbidden \xff"))
    assert Mailgun().send(wire.url, "d", "k", {}, 8.0) == (401, "Forbidden \ufffd")


def test_a_body_may_have_one_megabyte_and_not_a_byte_more(wire: Wire) -> None:
    fits = json.dumps({"a": "x" * (transport.MAX_BYTES - 9)}).encode()
    assert len(fits) == transport.MAX_BYTES
    wire.script = answering((200, fits), (200, fits + b" "))
    assert Logto().get(wire.url).body
    refusal(CALLS["logto post"], wire.url)


@pytest.mark.parametrize(("start", "drop"), [(b"content-length: 1000\r\n\r\n", b" "), (b"", b"a: b\r\n")])
def test_an_answer_that_drips_is_no_answer(
    wire: Wire, call: Call, monkeypatch: pytest.MonkeyPatch, start: bytes, drop: bytes
) -> None:
    limit(monkeypatch, Limits(2.0, 2.0, 0.3))

    def script(exchange: Exchange) -> None:
        exchange.write(b"HTTP/1.1 200 OK\r\n" + start)
        for _ in range(20):
            exchange.write(drop)
            time.sleep(0.1)
        exchange.hang_up()

    wire.script = script
    begin = time.monotonic()
    assert_private(refusal(call, wire.url))
    assert time.monotonic() - begin < 1


def test_no_answer_is_asked_for_compressed(wire: Wire, call: Call) -> None:
    wire.script = answering((200, b"{}"))
    call(wire.url)
    names = {name.lower(): value for name, value in wire.received[0].headers.items()}
    assert names["accept-encoding"] == "identity"


def test_an_answer_without_end_is_left_alone(wire: Wire) -> None:
    written: list[int] = []

    def script(exchange: Exchange) -> None:
        exchange.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        for _ in range(256):
            if not exchange.write(b"x" * (1 << 18)):
                break
            written.append(1 << 18)
        exchange.hang_up()

    wire.script = script
    refusal(CALLS["logto get"], wire.url)
    assert sum(written) < 32 * transport.MAX_BYTES


def test_a_connection_that_was_closed_meanwhile_is_no_failure(wire: Wire) -> None:
    def script(exchange: Exchange) -> None:
        exchange.answer(200, b"{}")
        exchange.hang_up()

    wire.script = script
    for _ in range(3):
        assert Logto().get(wire.url) == Reply(200, {})
        time.sleep(0.05)


def test_client_and_secret_travel_form_encoded_inside_basic(wire: Wire) -> None:
    client = ClientCredentials("cl:ie nt%é", "s/e+c=r&e:t ü%41")
    Logto().post(f"{wire.url}/token", {"a": "1 2&3", "é": "ü"}, client)
    [received] = wire.received
    scheme, _, encoded = received.headers["authorization"].partition(" ")
    user, colon, password = base64.b64decode(encoded).decode("ascii").partition(":")
    assert (scheme, colon) == ("Basic", ":")
    assert (unquote_plus(user), unquote_plus(password)) == (client.client_id, client.client_secret)
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(received.body.decode()) == {"a": ["1 2&3"], "é": ["ü"]}
    assert "the-secret" not in received.path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_secret_arrives_as_it_is(wire: Wire, client_id: str, secret: str) -> None:
    Logto().post(wire.url, {}, ClientCredentials(client_id, secret))
    raw = base64.b64decode(wire.received[-1].headers["authorization"][6:]).decode()
    user, _, password = raw.partition(":")
    assert (unquote_plus(user), unquote_plus(password)) == (client_id, secret)


def test_documents_are_fetched_without_credentials(wire: Wire) -> None:
    Logto().get(f"{wire.url}/doc")
    [received] = wire.received
    assert (received.method, received.path, received.body) == ("GET", "/doc", b"")
    assert "authorization" not in {name.lower() for name in received.headers}
    assert received.headers["accept"] == "application/json"


def test_mailgun_is_called_at_the_domain_s_own_path_with_its_key(wire: Wire) -> None:
    Mailgun().send(
        f"{wire.url}/", "mail.example", "the-key", {"to": "ada@example.com", "html": "<p>é & 1+1=2"}, 8.0
    )
    [received] = wire.received
    assert (received.method, received.path) == ("POST", "/v3/mail.example/messages")
    assert base64.b64decode(received.headers["authorization"][6:]) == b"api:the-key"
    assert parse_qs(received.body.decode()) == {"to": ["ada@example.com"], "html": ["<p>é & 1+1=2"]}
