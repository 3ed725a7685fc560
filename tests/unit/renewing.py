"""A session whose tokens are to be renewed, and a Logto that renews them."""

from typing import Any

from passerelle.ports import Reply
from passerelle.refresh import renewed_session
from passerelle.sessions import LiveSession, live_session, open_contents
from tests.support.doubles import NOW, Call
from tests.unit.journey import TOKEN, make_signing_world, sign_in

HOUR = 3600
INVALID_GRANT = Reply(400, {"error": "invalid_grant"})


class Renewing:
    """A world in which somebody is signed in, and a token endpoint that renews."""

    def __init__(self, **environment: str) -> None:
        self.world, self.logto = make_signing_world(**environment)
        self.cookie = sign_in(self.world, self.logto).session_cookie
        self.calls: list[Call] = []
        self.reply: Reply | Exception | None = None
        self.rotates = False
        self.changes: dict[str, Any] = {}
        self.world.provider.answers[TOKEN] = self._answer

    def _answer(self, call: Call) -> Reply:
        assert call.form["grant_type"] == "refresh_token"
        self.calls.append(call)
        if isinstance(self.reply, Exception):
            raise self.reply
        if self.reply:
            return self.reply
        now = self.world.clock.time
        self.logto.changes = {"iat": int(now), "exp": int(now) + HOUR} | self.changes
        body = dict(self.logto.token(call).body or {})
        body["refresh_token"] = f"refresh-{len(self.calls)}" if self.rotates else "the-refresh-token"
        body["access_token"] = "another access token"
        return Reply(200, body)

    def at(self, seconds: float) -> LiveSession | None:
        """Ask who this is, so many seconds after the sign-in, and renew when that is due."""
        self.world.clock.time = NOW + seconds
        live = live_session(self.world.services, self.cookie, NOW + seconds)
        return renewed_session(self.world.services, live, NOW + seconds) if live else None

    def stored(self) -> Any:
        """What lies in the table, and what is sealed in it."""
        [session] = self.world.store.table.sessions.values()
        return session, open_contents(session, self.world.services.secrets.keys, NOW)
