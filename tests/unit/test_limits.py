"""Whom a limit counts."""

import pytest

from passerelle.keys import parse_keyring
from passerelle.otp.limits import address_key, client_network, counts
from passerelle.otp.message import parse_message
from tests.support.doubles import NOW, SECRETS, make_services

KEYRING = parse_keyring(SECRETS["keys"])


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("93.184.216.34", "93.184.216.34"),
        ("::ffff:93.184.216.34", "93.184.216.34"),
        ("2606:2800:220:1:248:1893:25c8:1946", "2606:2800:220:1::/64"),
        ("2606:2800:220:1::", "2606:2800:220:1::/64"),
        (None, None), ("", None), ("nonsense", None), ("93.184.216.34, 10.0.0.1", None),
        ("127.0.0.1", None), ("::1", None), ("::ffff:127.0.0.1", None), ("10.1.2.3", None),
        ("::ffff:10.1.2.3", None), ("192.168.0.1", None), ("172.16.0.1", None), ("100.64.0.1", None),
        ("169.254.169.254", None), ("fe80::1", None), ("fd00::1", None), ("0.0.0.0", None),
    ],
)  # fmt: skip
def test_a_client_is_its_public_address_or_its_network(ip: str | None, network: str | None) -> None:
    assert client_network(ip) == network


def test_an_address_is_the_same_whatever_its_case_and_cannot_be_read_from_its_key() -> None:
    key = address_key(KEYRING, "Ada@Example.com")
    assert key == address_key(KEYRING, "ada@example.COM")
    assert key != address_key(KEYRING, "bob@example.com")
    assert "ada" not in key.lower()
    assert "example" not in key.lower()


def test_address_and_client_are_counted_within_what_the_settings_allow() -> None:
    message = parse_message(
        b'{"to":"a@b.example","type":"SignIn","payload":{"code":"1"},"ip":"93.184.216.34"}'
    )
    services = make_services(SEND_LIMIT_ADDRESS="7", SEND_LIMIT_IP="70")
    address, client = counts(services, KEYRING, message, NOW)
    assert (address.maximum, client.maximum) == (7, 70)
    assert (address.window, client.window) == (NOW // 3600, NOW // 3600)
    assert client.key.startswith("ip#")
    assert "93.184" not in client.key


def test_a_limit_of_nothing_is_none() -> None:
    message = parse_message(
        b'{"to":"a@b.example","type":"SignIn","payload":{"code":"1"},"ip":"93.184.216.34"}'
    )
    assert counts(make_services(SEND_LIMIT_ADDRESS="0", SEND_LIMIT_IP="0"), KEYRING, message, NOW) == ()
