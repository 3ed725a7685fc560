"""Some addresses misbehave, so that one can see what becomes of a message."""

import json
import threading
from typing import Any

import pytest

from local.mailgun import EmbeddedMailgun, Message

DOMAIN = "mg.example.com"
KEY = "key-of-the-test"
PATH = f"/v3/{DOMAIN}/messages"
MAIL: dict[str, Any] = {"from": "sign-in@mg.example.com", "subject": "Your code", "text": "123456"}

DELIVERED = ("delivered", "", "")
BOUNCED = ("failed", "permanent", "bounce")
FULL = ("failed", "temporary", "generic")
COMPLAINED = ("complained", "", "")
BOUNCED_BEFORE = ("failed", "permanent", "suppress-bounce")
COMPLAINED_BEFORE = ("failed", "permanent", "suppress-complaint")


@pytest.fixture
def mailgun() -> EmbeddedMailgun:
    return EmbeddedMailgun(domain=DOMAIN, api_key=KEY, clock=lambda: 1_700_000_000.5)


def send(mailgun: EmbeddedMailgun, to: str, **more: Any) -> list[tuple[str, ...]]:
    """What became of it."""
    answer = mailgun.app.test_client().post(PATH, data={**MAIL, "to": to, **more}, auth=("api", KEY))
    assert answer.status_code == 200
    return [(one.event, one.severity, one.reason) for _, one in mailgun.accepted[0].became]


def inbox(mailgun: EmbeddedMailgun, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(mailgun.app.test_client().get("/api/messages" + query).text)
    return found


@pytest.mark.parametrize(
    ("to", "became"),
    [
        ("ada@example.com", [DELIVERED]),
        ("bouncer@example.com", [DELIVERED]),
        ("ada+bounce@example.com", [DELIVERED]),
        ("ada@bounce.example.com", [DELIVERED]),
        ("bounce@example.com", [BOUNCED]),
        ("Bounce@example.com", [BOUNCED]),
        ("Ada <bounce+17@example.com>", [BOUNCED]),
        ("full@example.com", [FULL, DELIVERED]),
        ("complain@example.com", [DELIVERED, COMPLAINED]),
    ],
)
def test_what_becomes_of_the_first_message(
    mailgun: EmbeddedMailgun, to: str, became: list[tuple[str, ...]]
) -> None:
    assert send(mailgun, to) == became
    assert len(mailgun.messages) == (DELIVERED in became)
    assert len(inbox(mailgun)) == (DELIVERED in became)


def test_an_address_that_bounced_gets_no_more_mail_until_it_is_forgiven(mailgun: EmbeddedMailgun) -> None:
    assert [send(mailgun, to) for to in ("bounce@example.com", "BOUNCE@example.com")] == [
        [BOUNCED],
        [BOUNCED_BEFORE],
    ]
    assert send(mailgun, "bounce+other@example.com") == [BOUNCED]
    mailgun.suppressions.remove("bounces", "bounce@example.com")
    assert send(mailgun, "bounce@example.com") == [BOUNCED]
    assert mailgun.messages == []


def test_who_complained_gets_no_more_mail(mailgun: EmbeddedMailgun) -> None:
    send(mailgun, "complain@example.com")
    assert send(mailgun, "complain@example.com") == [COMPLAINED_BEFORE]
    assert len(mailgun.messages) == 1


def test_a_full_mailbox_is_not_held_against_anyone(mailgun: EmbeddedMailgun) -> None:
    send(mailgun, "full@example.com")
    assert send(mailgun, "full@example.com") == [FULL, DELIVERED]


def test_any_address_can_be_suppressed(mailgun: EmbeddedMailgun) -> None:
    mailgun.suppressions.add("complaints", "Ada@example.com", 0)
    assert send(mailgun, "ada@example.com") == [COMPLAINED_BEFORE]
    mailgun.suppressions.add("bounces", "ada@example.com", 0, "550", "gone")
    assert send(mailgun, "ada@example.com") == [BOUNCED_BEFORE]


def test_each_recipient_has_a_fate_of_its_own(mailgun: EmbeddedMailgun) -> None:
    copies = {"cc": "bounce@example.com", "bcc": ["full@example.com", "ADA@example.com"]}
    assert send(mailgun, "ada@example.com, Bob <bob@example.com>", **copies) == [
        DELIVERED,
        DELIVERED,
        BOUNCED,
        FULL,
        DELIVERED,
    ]


def test_the_inbox_of_one_recipient_has_what_reached_it(mailgun: EmbeddedMailgun) -> None:
    send(mailgun, "ada@example.com, bounce@example.com")
    assert len(inbox(mailgun)) == 1
    assert len(inbox(mailgun, "?to=Ada@example.com")) == 1
    assert inbox(mailgun, "?to=Bounce@example.com") == []


def test_outcomes_are_there_for_the_asking(mailgun: EmbeddedMailgun) -> None:
    send(mailgun, "bounce@example.com")
    send(mailgun, "bounce@example.com", outcomes="mine")
    again, first = inbox(mailgun, "?outcomes=yes&to=bounce@example.com")
    assert first["subject"] == "Your code"
    assert first["outcomes"] == [
        {
            "recipient": "bounce@example.com",
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "message": "5.1.1 The email account that you tried to reach does not exist",
        }
    ]
    assert again["outcomes"][0]["message"] == "Not delivering to previously bounced address"
    assert inbox(mailgun, "?outcomes=yes&to=ada@example.com") == []


def test_emptying_the_mailbox_forgives_nobody(mailgun: EmbeddedMailgun) -> None:
    send(mailgun, "bounce@example.com")
    mailgun.empty()
    assert inbox(mailgun, "?outcomes=yes") == []
    assert send(mailgun, "bounce@example.com") == [BOUNCED_BEFORE]


def test_clearing_forgives_everybody(mailgun: EmbeddedMailgun) -> None:
    send(mailgun, "bounce@example.com")
    mailgun.clear()
    assert mailgun.accepted == []
    assert send(mailgun, "bounce@example.com") == [BOUNCED]


def test_a_message_put_there_by_hand_counts_as_delivered(mailgun: EmbeddedMailgun) -> None:
    mailgun.deliver(Message("<1@mg.example.com>", 0, [("to", "bounce@example.com")]))
    assert len(inbox(mailgun, "?to=bounce@example.com")) == len(mailgun.messages) == 1


def test_threads_may_share_it(mailgun: EmbeddedMailgun) -> None:
    def work(number: int) -> None:
        for count in range(20):
            send(mailgun, f"bounce+{number}-{count}@example.com")
            mailgun.suppressions.all("bounces")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailgun.suppressions.all("bounces")) == len(mailgun.accepted) == 160
