"""Whom a limit counts."""

from collections.abc import Callable

import pytest

from passerelle.keys import Keyring, parse_keyring
from passerelle.otp.limits import client_network, counts, limit_key, suppression_key
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


@pytest.mark.parametrize("key_of", [suppression_key, limit_key])
def test_an_address_is_the_same_whatever_its_case_and_cannot_be_read_from_its_key(
    key_of: Callable[[Keyring, str], str],
) -> None:
    key = key_of(KEYRING, "Ada@Example.com")
    assert key == key_of(KEYRING, "ada@example.COM")
    assert key != key_of(KEYRING, "bob@example.com")
    assert "ada" not in key.lower()
    assert "example" not in key.lower()


ALIKE = [
    ("\u017fmith@example.com", "smith@example.com"),
    ("\u212aim@example.com", "kim@example.com"),
    ("stra\u00dfe@example.com", "strasse@example.com"),
    ("\uff41da@example.com", "ada@example.com"),
    ("jo\u0308rg@example.com", "j\u00f6rg@example.com"),
    ("\u00c9va@example.com", "\u00e9va@example.com"),
    ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
    ("ada@B\u00dcCHER.example", "ada@XN--BCHER-KVA.example"),
    ("ada@example.com.", "ada@example.com"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_look_alikes_are_counted_together_and_suppressed_apart(one: str, other: str) -> None:
    assert limit_key(KEYRING, one) == limit_key(KEYRING, other)
    assert suppression_key(KEYRING, one) != suppression_key(KEYRING, other)


@pytest.mark.parametrize("other", ["ada+1@example.com", "a.da@example.com", "ada@example.org"])
def test_what_a_provider_may_deliver_to_one_mailbox_is_counted_apart(other: str) -> None:
    assert limit_key(KEYRING, other) != limit_key(KEYRING, "ada@example.com")


@pytest.mark.parametrize("domain", ["\u00e9" * 70, "a..\u00e9", "xn--\u00e9"])
def test_a_domain_that_dns_cannot_hold_is_counted_as_it_is(domain: str) -> None:
    assert limit_key(KEYRING, f"ada@{domain}") == limit_key(KEYRING, f"ADA@{domain}")


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
