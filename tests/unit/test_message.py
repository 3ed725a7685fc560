"""Logto's requests are checked before anything is sent."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.errors import InvalidRequest
from passerelle.otp.message import parse_message

BODY: dict[str, Any] = {
    "to": "ada@example.com",
    "type": "SignIn",
    "payload": {"code": "123456", "link": "https://x.example/"},
    "ip": "::1",
}
TYPES = ["SignIn", "Register", "ForgotPassword", "Generic", "OrganizationInvitation",
    "UserPermissionValidation",
         "BindNewIdentifier", "MfaVerification", "BindMfa"]  # fmt: skip


def encoded(**changed: Any) -> bytes:
    return json.dumps(
        {name: value for name, value in {**BODY, **changed}.items() if value is not ...}
    ).encode()


@pytest.mark.parametrize("name", TYPES)
def test_takes_every_type_that_logto_sends(name: str) -> None:
    assert parse_message(encoded(type=name)).type == name


@pytest.mark.parametrize(
    "changed", [{"ip": ...}, {"ip": None}, {"ip": 5}, {"ip": ["::1"]}, {"new": {"member": 1}}]
)
def test_takes_what_logto_leaves_out_or_adds(changed: dict[str, Any]) -> None:
    assert parse_message(encoded(**changed)).to == "ada@example.com"


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("SignIn", {}),
        ("SignIn", {"code": ""}),
        ("SignIn", {"code": None}),
        ("SignIn", {"code": {"a": 1}}),
        ("OrganizationInvitation", {"code": "123456"}),
        ("OrganizationInvitation", {"link": "javascript:alert(1)"}),
        ("OrganizationInvitation", {"link": "data:text/html,https://x.example"}),
        ("OrganizationInvitation", {"link": " https://x.example"}),
        ("OrganizationInvitation", {"link": "https://"}),
        ("OrganizationInvitation", {"link": "//x.example"}),
    ],
)
def test_refuses_a_message_without_what_it_is_sent_for(name: str, payload: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="message_invalid"):
        parse_message(encoded(type=name, payload=payload))


@pytest.mark.parametrize("link", ["https://x.example/?a=b", "HTTP://x.example"])
def test_takes_an_invitation_by_its_link(link: str) -> None:
    parse_message(encoded(type="OrganizationInvitation", payload={"link": link}))


ADDRESSES = [
    "a\uff20evil.example@x.org", "a\ufe6bx.org@y.org", "a\ufe50b@x.org", "a\ufe54b@x.org",
    "a\uff0cb@x.org", "a@x.org\u3001b", "a@x.org\u200b", "a\u200b@x.org",
    "", "ada", "@example.com", "ada@", "ada@@example.com", "ada@b@c", "ada@example.com,eve@evil.example",
    "ada@example.com, eve@evil.example", "ada@example.com;eve@evil.example",
    "ada@example.com eve@evil.example",
    "Ada <ada@example.com>", "<ada@example.com>", "ada@example.com>", "eve@evil.example<ada@example.com>",
    "(x)ada@example.com", "ada@example.com(x)", '"ada"@example.com', "ada@[127.0.0.1]",
    "group:ada@example.com;",
    "eve,ada@example.com", "ada@example.com,eve", "eve;ada@b.c", "eve:ada@b.c", "eve<ada@b.c", "eve(x@b.c",
    "ada\\@example.com", "ada@example.com\nbcc: eve@evil.example", "ada@example.com\r\n", "ada@example.com\n",
    "ada@exam\x00ple.com", "ada@example.com\u2028", "ada@example.com\u00a0x", "ada @example.com",
    "ada@\texample.com",
    "a" * 320 + "@b.c", 5, None, ["ada@example.com"], {"to": "x"},
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_refuses_what_is_not_one_plain_address(address: object) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse_message(encoded(to=address))
    assert refusal.value.reason.startswith("to: ")
    assert "evil" not in refusal.value.reason


@pytest.mark.parametrize(
    "address",
    ["ada@example.com", "ada+tag@sub.example.com", "o'neil@example.ie", "jörg@bücher.example", "a_b-c@d.e"],
)
def test_takes_plain_addresses(address: str) -> None:
    assert parse_message(encoded(to=address)).to == address


@given(st.text(max_size=30))
def test_no_address_that_passes_can_name_two_people(text: str) -> None:
    try:
        address = parse_message(encoded(to=text)).to
    except InvalidRequest:
        return
    assert not set(address) & set(' ,;:<>()[]"\\\r\n\t\0')
    assert address.count("@") == 1


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "body"),
        (b"[]", "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (b"[" * 10_000, "body"),
        (b'{"to":"a@b.c","type":"SignIn","payload":{"code":"1","n":1e999}}', "body"),
        (encoded(type="Unknown"), "type"),
        (encoded(type=...), "type"),
        (encoded(payload=...), "payload"),
        (encoded(payload="secret-code"), "payload"),
        (encoded(payload=["secret-code"]), "payload"),
    ],
)
def test_names_the_wrong_member_and_not_its_value(body: bytes, named: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse_message(body)
    assert refusal.value.code == "message_invalid"
    assert named in refusal.value.reason
    assert "secret-code" not in refusal.value.reason
    assert refusal.value.__context__ is None


def test_a_message_does_not_show_its_code() -> None:
    assert "123456" not in repr(parse_message(encoded()))
