"""`GET /session`: who is this? Never a token."""

from datetime import UTC, datetime

from passerelle import runtime
from passerelle.errors import NotSignedIn
from passerelle.sessions import COOKIE, live_session
from passerelle.web import Request, Response, endpoint, json_response


@endpoint
def handler(request: Request) -> Response:
    services = runtime.services()
    live = live_session(services, request.cookies.get(COOKIE), services.clock.now())
    if live is None:
        raise NotSignedIn(reason="no live session")
    expires_at = datetime.fromtimestamp(live.expires_at, UTC).isoformat().replace("+00:00", "Z")
    return json_response({"user": live.profile, "expires_at": expires_at})
