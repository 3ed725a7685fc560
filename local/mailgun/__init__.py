"""A Mailgun to develop against: it answers as the real one does and keeps the mail for reading."""

import time
from collections.abc import Callable

import flask

from local.mailgun.mailbox import Mailbox, Message, Received
from local.mailgun.misbehaviour import DROP, Misbehaviour
from local.mailgun.reading import reading
from local.mailgun.sending import MAX_REQUEST_BYTES, sending

__all__ = ["DROP", "EmbeddedMailgun", "Message", "Misbehaviour", "Received"]


class EmbeddedMailgun:
    """One Mailgun account with one domain and one key; `app` is for any threaded WSGI server."""

    def __init__(self, *, domain: str, api_key: str, clock: Callable[[], float] = time.time) -> None:
        self.domain = domain
        self.api_key = api_key
        self.clock = clock
        self.misbehave = Misbehaviour()
        self._mailbox = Mailbox()
        self.app = _app(self)

    @property
    def messages(self) -> list[Message]:
        """The mail delivered so far, newest first."""
        return self._mailbox.messages()

    @property
    def requests(self) -> list[Received]:
        """Every request to send mail, refused ones too, oldest first."""
        return self._mailbox.requests()

    def receive(self, request: Received) -> None:
        """Note down a request before judging it."""
        self._mailbox.note(request)

    def deliver(self, message: Message) -> None:
        """Put a message into the mailbox."""
        self._mailbox.deliver(message)

    def empty(self) -> None:
        """Throw the mail away, as the mailbox's own button does."""
        self._mailbox.empty()

    def clear(self) -> None:
        """Become as new: no mail, no requests, good behaviour."""
        self._mailbox = Mailbox()
        self.misbehave = Misbehaviour()


def _app(mailgun: EmbeddedMailgun) -> flask.Flask:
    app = flask.Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES, MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # fields are shown in the order they came
    app.register_blueprint(sending(mailgun))
    app.register_blueprint(reading(mailgun))
    return app
