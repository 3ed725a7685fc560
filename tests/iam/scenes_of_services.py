"""All that functions do for Logto, Mailgun and the queue: send, hear, end."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from passerelle.otp.clients import MANY
from tests.fault.aws_proxy import fails_inside
from tests.iam.stage import Stage, somebody
from tests.support.logout_tokens import sid_of, sub_of, tell
from tests.support.provider import read_secret, write_secret


def send(stage: Stage, to: str, token: str | None = None, code: str = "") -> httpx.Response:
    """Ask for a message as Logto's connector does."""
    payload = {"code": code or secrets.token_hex(4)}
    return stage.http.post(
        "/send-otp",
        headers={"authorization": f"Bearer {token or stage.stack.send_otp_token}"},
        json={"to": to, "type": "SignIn", "payload": payload, "ip": "1.1.1.1"},
    )


def send_a_code(stage: Stage) -> None:
    to = somebody()
    stage.mailgun.misbehave.delay = 0.3
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: send(stage, to, code="1"), range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    stage.mailgun.misbehave.delay = 0
    assert send(stage, to, code="1").status_code == 200
    assert len(stage.mailgun.messages) == 1


def send_too_many(stage: Stage) -> None:
    to = somebody()
    assert [send(stage, to).status_code for _ in range(5)] == [200] * 4 + [429]


def send_to_many(stage: Stage) -> None:
    """What is noted of Logto's clients is another counter."""
    for _ in range(MANY):
        assert send(stage, somebody()).status_code == 200


def look_at_everything(stage: Stage) -> None:
    assert stage.http.get("/health").json() == {"status": "ok"}
    checks = stage.invoke("HealthFunction", {"base_url": stage.stack.app_url})["checks"]
    assert checks["failed"] == 0, checks


def send_in_vain(stage: Stage) -> None:
    assert send(stage, somebody(), token="w" * 48).status_code == 401
    stage.mailgun.misbehave.script = [(402, ""), (401, "")]
    assert [send(stage, somebody()).status_code for _ in range(2)] == [500, 500]
    assert stage.mailgun.messages == []


def send_to_who_bounces(stage: Stage) -> None:
    to = somebody()
    assert send(stage, to).status_code == 200
    hear(stage, "failed", stage.mailgun.messages[0])
    assert send(stage, to).json()["code"] == "message_refused"


def hear(stage: Stage, event: str, about: Any, **changes: Any) -> httpx.Response:
    """Tell of a message as Mailgun does."""
    body = stage.mailgun.webhook_body(event, about, **changes)
    return stage.http.post("/webhooks/mailgun", json=body)


def hear_of_messages(stage: Stage) -> None:
    assert send(stage, somebody()).status_code == 200
    [message] = stage.mailgun.messages
    for event in ("deferred", "delivered", "failed", "complained"):
        assert hear(stage, event, message).status_code == 200
    assert [hear(stage, "delivered", message, token="t" * 50).status_code for _ in range(2)] == [200, 200]
    assert hear(stage, "failed", somebody()).status_code == 200, "of a message that is not ours"
    assert hear(stage, "delivered", message, key="forged").status_code == 406


def hear_of_a_logout(stage: Stage) -> None:
    with stage.signed_in() as one, stage.signed_in() as other:
        email = one.session().json()["user"]["email"]
        assert tell(stage.stack, sub=sub_of(stage.stack, email)).status == 200
        assert tell(stage.stack, sid=sid_of(other)).status == 200
        assert [each.session().status_code for each in (one, other)] == [401, 401]
        token = stage.logto.logout_token("passerelle", sub=sub_of(stage.stack, email))
        told = [stage.logto.send_logout_token("passerelle", token).status for _ in range(2)]
        assert told == [200, 400], "a replay"
        assert tell(stage.stack, sub="nobody", aud="another").status == 400


def hear_of_a_suspension(stage: Stage) -> None:
    stage.logto.webhook_url = f"{stage.stack.app_url}/webhooks/logto"
    with stage.signed_in() as browser:
        stage.logto.suspend(browser.session().json()["user"]["email"])
        assert browser.session().status_code == 401
    stage.logto.webhook_url = None
    forged = {"logto-signature-sha-256": "0" * 64}
    assert stage.http.post("/webhooks/logto", content=b"{}", headers=forged).status_code == 401


def endings_wait_for_dynamodb(stage: Stage) -> None:
    stage.logto.webhook_url = f"{stage.stack.app_url}/webhooks/logto"
    with stage.signed_in() as one, stage.signed_in() as other, stage.signed_in() as third:
        first, second = (each.session().json()["user"]["email"] for each in (one, other))
        stage.proxy.always["UpdateItem"] = fails_inside
        assert tell(stage.stack, sub=sub_of(stage.stack, first)).status == 200
        stage.logto.suspend(second)
        assert tell(stage.stack, sid=sid_of(third)).status == 200
        stage.proxy.always.clear()
        assert stage.poll() == 3
        assert [each.session().status_code for each in (one, other, third)] == [401] * 3
    stage.logto.webhook_url = None


def keys_that_came_later(stage: Stage) -> None:
    """A secret rotated while functions run is read again by the function that meets it."""
    before = read_secret(stage.stack, "ConnectorSecret")
    write_secret(stage.stack, "ConnectorSecret", {"tokens": [before["token"], "n" * 48]})
    assert send(stage, somebody(), token="n" * 48).status_code == 200
    write_secret(stage.stack, "ConnectorSecret", before)
