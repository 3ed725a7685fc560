"""Local servers on https, with certificates of an authority made for the purpose."""

import os
import socket
import ssl
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from local.logto.outgoing import post
from local.serving import Server
from local.tls import PrivateCA

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Serve = Callable[[ssl.SSLContext], Server]


def scheme(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.url_scheme"].encode()]


@pytest.fixture
def authority() -> PrivateCA:
    return PrivateCA()


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(tls: ssl.SSLContext) -> Server:
            server = Server(scheme, "localhost", 0, tls=tls)
            stack.callback(server.close)
            server.start()
            return server

        yield start


def get(server: Server, authority: PrivateCA, host: str = "localhost") -> str:
    context = ssl.create_default_context(cadata=authority.pem.decode())
    # What Python 3.13 demands of a certificate by itself.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with httpx.Client(verify=context, trust_env=False, timeout=5) as client:
        return client.get(f"https://{host}:{server.port}/").text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_whoever_trusts_the_authority_reaches_the_server(
    serve: Serve, authority: PrivateCA, host: str
) -> None:
    server = serve(authority.server())
    assert server.url == f"https://localhost:{server.port}"
    assert get(server, authority, host) == "https"


def test_the_usual_port_goes_without_saying(authority: PrivateCA) -> None:
    server = Server(scheme, "localhost", 0, tls=authority.server())
    server.close()
    server.port = 443
    assert server.url == "https://localhost"
    server.port = 80
    assert server.url == "https://localhost:80"


def test_ssl_cert_file_is_trust_enough(
    serve: Serve, authority: PrivateCA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(authority.server())
    assert post(server.url, {}, b"", 5).status is None
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path / "ca.pem")))
    delivery = post(server.url, {}, b"", 5)
    assert (delivery.status, delivery.answer) == (200, "https")


def test_another_authority_an_old_certificate_and_another_name_are_not_trusted(
    serve: Serve, authority: PrivateCA
) -> None:
    right = serve(authority.server())
    expired = serve(authority.server(valid_for=timedelta(days=-1)))
    elsewhere = serve(authority.server("id.example"))
    for server, trusted, reason in (
        (right, PrivateCA(), "certificate verify failed|unable to get local issuer"),
        (expired, authority, "expired"),
        (elsewhere, authority, "Hostname mismatch"),
    ):
        with pytest.raises(httpx.ConnectError, match=reason):
            get(server, trusted)


def test_a_client_that_says_nothing_keeps_nobody_waiting(serve: Serve, authority: PrivateCA) -> None:
    server = serve(authority.server())
    with socket.create_connection(("127.0.0.1", server.port), timeout=5):
        assert get(server, authority) == "https"


def test_plain_http_and_noise_disturb_nobody_and_are_not_logged(
    serve: Serve, authority: PrivateCA, capfd: pytest.CaptureFixture[str]
) -> None:
    server = serve(authority.server())
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"GET /?code=hidden HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while connection.recv(4096):
            pass
    assert get(server, authority) == "https"
    assert "".join(capfd.readouterr()) == ""


def test_no_key_is_left_on_disk(
    authority: PrivateCA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    modes: list[int] = []

    def load(_: ssl.SSLContext, name: str) -> None:
        modes.append(stat.S_IMODE(os.stat(name).st_mode))

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", load)
    authority.server()
    assert modes == [0o600]
    assert list(tmp_path.iterdir()) == []
