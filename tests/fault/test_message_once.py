"""The same message is asked for many times at once, by many at once, and by somebody who dies over it."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.mailgun import EmbeddedMailgun, mailbox
from local.serving import Server
from local.stack import LAYER, ROOT, Stack
from passerelle import runtime
from passerelle.adapters.mailgun import Mailgun
from passerelle.otp.deliver import DEAD_AFTER_SECONDS, deliver
from tests.fault.conftest import LetPass
from tests.fault.places import ADDRESS, CODE, ask_for_delivery
from tests.support.doubles import SECRETS, make_world

CHILD = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("app", sys.argv[1])
app = importlib.util.module_from_spec(spec)
spec.loader.exec_module(app)
app.handler(json.load(sys.stdin), None)
"""


@pytest.fixture
def mailgun(stack: Stack) -> EmbeddedMailgun:
    assert stack.mailgun is not None
    return stack.mailgun


def test_fifty_who_ask_at_once_get_one_message(stack: Stack, mailgun: EmbeddedMailgun) -> None:
    mailgun.misbehave.delay = 0.3
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask_for_delivery(stack), range(50)))
    assert Counter(answer.status_code for answer in answers) == {200: 50}
    assert len(mailgun.messages) == len(mailgun.requests) == 1


def test_those_who_wait_try_when_the_first_one_fails(stack: Stack, mailgun: EmbeddedMailgun) -> None:
    mailgun.misbehave.script = [(402, "")]
    mailgun.misbehave.delay = 0.3
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: ask_for_delivery(stack), range(5)))
    assert Counter(answer.status_code for answer in answers) == {200: 4, 500: 1}
    assert len(mailgun.messages) == 1


def test_who_dies_between_claim_and_outcome_is_taken_over_when_its_budget_has_passed(
    stack: Stack, mailgun: EmbeddedMailgun, let_pass: LetPass
) -> None:
    mailgun.misbehave.delay = 3
    die_while_sending(stack, mailgun)
    mailgun.misbehave.delay = 0
    let_pass(DEAD_AFTER_SECONDS - 5)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask_for_delivery, stack)
        time.sleep(1)
        assert not waiting.done()
        let_pass(DEAD_AFTER_SECONDS + 5)
        assert waiting.result().json()["code"] == "delivery_unfinished"
    before = len(mailgun.messages)
    assert ask_for_delivery(stack).status_code == 200
    assert len(mailgun.messages) == before + 1
    assert ask_for_delivery(stack).status_code == 200
    assert len(mailgun.messages) == before + 1


def die_while_sending(stack: Stack, mailgun: EmbeddedMailgun) -> None:
    """Run the function in a process of its own, and kill that when Mailgun has the request."""
    event = {
        "rawPath": "/send-otp",
        "headers": {"authorization": f"Bearer {stack.send_otp_token}"},
        "body": json.dumps({"to": ADDRESS, "type": "SignIn", "payload": {"code": CODE}}),
        "requestContext": {"requestId": "r-1", "http": {"method": "POST"}},
    }
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(ROOT / "functions/send_otp/app.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": LAYER},
        text=True,
    )
    assert child.stdin
    child.stdin.write(json.dumps(event))
    child.stdin.close()
    deadline = time.monotonic() + 20
    while not mailgun.requests:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.kill()
    child.wait()


def test_a_thousand_different_messages_in_ten_seconds_all_arrive_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the table's double, since the stand-in for DynamoDB serves one call at a time."""
    monkeypatch.setattr(mailbox, "KEPT", 2000)
    secret = SECRETS["mailgun"]
    mailgun = EmbeddedMailgun(domain=secret["domain"], api_key=secret["apiKey"])
    server = Server(mailgun.app, "127.0.0.1", 0)
    server.start()
    world = make_world()
    world.secrets.put("mailgun", {**secret, "endpoint": server.url})
    services = world.services._replace(mailer=Mailgun(), clock=runtime.SystemClock())

    def ask(number: int) -> None:
        body = {"to": f"{number}@example.com", "type": "SignIn", "payload": {"code": f"{number:06}"}}
        deliver(services, json.dumps(body).encode(), time.time())

    started = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(500)))
        # Each of the second half is asked for twice.
        list(pool.map(ask, [number for number in range(500, 1000) for _ in range(2)]))
    took = time.monotonic() - started
    server.close()
    requests = Counter(dict(request.fields)["to"] for request in mailgun.requests)
    assert len(world.messages.records) == 1000
    assert {record.state for record in world.messages.records.values()} == {"accepted"}
    assert set(requests.values()) == {1}
    assert took < 10
