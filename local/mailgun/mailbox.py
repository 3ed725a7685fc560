"""Messages and where they are kept."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import getaddresses
from threading import Lock
from typing import Any, NamedTuple

from local.mailgun.outcomes import Outcome

KEPT = 500

Fields = list[tuple[str, str]]


class Received(NamedTuple):
    """A request to send mail, as it came."""

    path: str
    fields: Fields


@dataclass(frozen=True)
class Message:
    """An accepted message: the form that was sent, the id that was given to it, and what became of it."""

    id: str
    received_at: float
    fields: Fields
    became: tuple[tuple[str, Outcome], ...] = ()

    def all(self, name: str) -> list[str]:
        """Every value sent under this name."""
        return [value for key, value in self.fields if key == name]

    def get(self, name: str) -> str:
        """The first value sent under this name, empty if there is none."""
        return next(iter(self.all(name)), "")

    @property
    def sender(self) -> str:
        """The form's `from`, which Python keeps for itself."""
        return self.get("from")

    @property
    def to(self) -> str:
        """All recipients, as a mail program writes them."""
        return ", ".join(self.all("to"))

    @property
    def subject(self) -> str:
        """The subject, empty if there is none."""
        return self.get("subject")

    @property
    def html(self) -> str:
        """The HTML body, empty if there is none."""
        return self.get("html")

    @property
    def text(self) -> str:
        """The plain text body, empty if there is none."""
        return self.get("text")

    def is_for(self, address: str) -> bool:
        """Whether the address is one of the recipients."""
        return address.casefold() in {found.casefold() for _, found in getaddresses(self.all("to"))}

    @property
    def recipients(self) -> list[str]:
        """Every address it is sent to, each once."""
        lines = [line for name in ("to", "cc", "bcc") for line in self.all(name)]
        found = {address.casefold(): address for _, address in getaddresses(lines) if "@" in address}
        return list(found.values())

    def reached(self, address: str) -> bool:
        """Whether it was delivered to a recipient; one of whom nothing is known got it."""
        events = {outcome.event for to, outcome in self.became if to.casefold() == address.casefold()}
        return not events or "delivered" in events

    @property
    def delivered(self) -> bool:
        """Whether it reached anyone."""
        return not self.became or any(self.reached(address) for address, _ in self.became)

    def outcomes_as_json(self) -> list[dict[str, Any]]:
        """What became of it, for each recipient in the order in which it happened."""
        return [{"recipient": address, **outcome.as_json()} for address, outcome in self.became]

    def as_json(self) -> dict[str, str | list[str]]:
        """The message for the outside: well-known fields always, the others if they were sent."""
        at = datetime.fromtimestamp(self.received_at, UTC)
        known = {
            "from": self.sender,
            "to": self.to,
            "subject": self.subject,
            "html": self.html,
            "text": self.text,
        }
        others = {name: self._value(name) for name, _ in self.fields if name not in known}
        return known | others | {"id": self.id, "received_at": at.isoformat(timespec="milliseconds")}

    def _value(self, name: str) -> str | list[str]:
        values = self.all(name)
        return values if len(values) > 1 else values[0]


class Mailbox:
    """The newest messages and requests; threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._messages: deque[Message] = deque(maxlen=KEPT)
        self._requests: deque[Received] = deque(maxlen=KEPT)

    def messages(self) -> list[Message]:
        """What was delivered, newest first."""
        return [message for message in self.accepted() if message.delivered]

    def accepted(self) -> list[Message]:
        """What was accepted, newest first."""
        with self._lock:
            return list(self._messages)

    def requests(self) -> list[Received]:
        """What was asked for, oldest first."""
        with self._lock:
            return list(self._requests)

    def note(self, request: Received) -> None:
        """Remember a request."""
        with self._lock:
            self._requests.append(request)

    def keep(self, message: Message) -> None:
        """Keep a message, delivered or not; the oldest makes room."""
        with self._lock:
            self._messages.appendleft(message)

    def empty(self) -> None:
        """Forget the messages, not the requests."""
        with self._lock:
            self._messages.clear()
