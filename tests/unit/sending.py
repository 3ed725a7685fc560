"""A message that Logto asks for, and a world to ask in."""

import hashlib
import hmac
import json
from typing import Any

from passerelle.otp.deliver import deliver
from tests.support.doubles import NOW, World

BODY: dict[str, Any] = {
    "to": "ada@example.com",
    "type": "SignIn",
    "payload": {"code": "123456", "locale": "en"},
    "ip": "203.0.113.7",
}
SIGNING_KEY = "the-signing-key"
ACCEPTED = (200, '{"id":"<1@mail>"}')


def ask(world: World, at: float = 0, **changed: Any) -> None:
    """Ask for a message, some seconds after the world began."""
    world.clock.time = NOW + at
    deliver(world.services, json.dumps(BODY | changed).encode(), world.clock.time)


def codes(world: World) -> list[str]:
    """Return the codes that were sent, in their order."""
    return [sent.form["text"].split("\n\n")[1] for sent in world.mailer.sent]


def signed(
    data: object, *, token: str = "t" * 50, at: int = NOW, key: str = SIGNING_KEY, **changed: Any
) -> bytes:
    """Build an event of Mailgun's, signed as Mailgun signs."""
    made = hmac.new(key.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    signature = {"timestamp": str(at), "token": token, "signature": made, **changed}
    return json.dumps({"signature": signature, "event-data": data}).encode()
