"""Every request to the API is written down, and let fail or wait if that is wished."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import flask

from local.mailgun.misbehaviour import DROP, response_for

if TYPE_CHECKING:
    from local.mailgun import EmbeddedMailgun
    from local.outages import Outage


class Faults:
    """What stands before and behind the routes."""

    def __init__(self, mailgun: EmbeddedMailgun) -> None:
        self.mailgun = mailgun

    def guard(self, app: flask.Flask) -> None:
        """Stand before and behind the routes of this app."""
        app.before_request(self._before)
        app.after_request(self._after)

    def _before(self) -> flask.Response | None:
        method, path = flask.request.method, flask.request.path
        if path.startswith("/v"):
            self.mailgun.calls.append((method, path))
        time.sleep(self.mailgun.misbehave.delays.get(path, 0))
        strikes = [each for each in self.mailgun.misbehave.outages if each.strikes(method, path)]
        flask.g.outage = next((each for each in strikes if each.done), None)
        return next((_failure(each) for each in strikes if not each.done), None)

    def _after(self, response: flask.Response) -> flask.Response:
        outage = flask.g.get("outage")
        return _failure(outage) if outage else response


def _failure(outage: Outage) -> flask.Response:
    return response_for(DROP if outage.status is None else (outage.status, ""))
