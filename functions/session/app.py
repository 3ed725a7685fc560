"""`GET /session`: who is this? `GET /sessions`, `DELETE /sessions[/id]`: where else. Never a token."""

from passerelle import runtime
from passerelle.errors import InvalidRequest, NotFound, NotSignedIn
from passerelle.services import Services
from passerelle.sessions import COOKIE, LiveSession, live_session
from passerelle.times import timestamp
from passerelle.web import (
    Request,
    Response,
    demand_same_origin,
    drop_cookie,
    endpoint,
    form_field,
    json_response,
    redirect,
)


@endpoint
def handler(request: Request) -> Response:
    services = runtime.services()
    live = live_session(services, request.cookies.get(COOKIE), services.clock.now())
    if live is None:
        raise NotSignedIn(reason="no live session")
    if request.path.endswith("/session"):
        return _session(services, live)
    if request.method == "GET":
        return _list(services, live)
    demand_same_origin(request, request.base_url(services.settings.public_base_url))
    return _end(services, live, request)


def _session(services: Services, live: LiveSession) -> Response:
    now = services.clock.now()
    renewed: LiveSession | None = live
    if live.is_due(now):
        # Loaded once an hour for each session, so not by every function that starts.
        from passerelle.refresh import renewed_session

        renewed = renewed_session(services, live, now)
    if renewed is None:
        raise NotSignedIn(reason="the session ended at Logto")
    return json_response({"user": renewed.profile, "expires_at": timestamp(renewed.expires_at)})


def _list(services: Services, live: LiveSession) -> Response:
    from passerelle import session_list

    listed = session_list.sessions_of(services, live.handle.user, services.clock.now())
    return json_response({"sessions": [each.as_json(live.handle.id) for each in listed]})


def _end(services: Services, live: LiveSession, request: Request) -> Response:
    """End what the path names, or the form of a page: an id, `others`, or `all`."""
    from passerelle import session_list

    named = request.path.partition("/sessions")[2].strip("/")
    which = named or _asked_for(request)
    now, user = services.clock.now(), live.handle.user
    if which in ("all", "others"):
        count = session_list.end_all(services, user, now, but=live.handle.id if which == "others" else "")
    else:
        count = _end_one(services, user, which, request)
    cookies = [drop_cookie(COOKIE)] if which in ("all", live.handle.id) else []
    if request.method == "POST":
        return redirect("/", *cookies)
    return json_response({"ended": count}, *cookies)


def _end_one(services: Services, user: str, which: str, request: Request) -> int:
    from passerelle import session_list

    try:
        session_list.end_one(services, user, which, services.clock.now())
    except NotFound:
        if request.method != "POST":
            raise
        return 0  # The page was older than the session's end: it is over, as was wanted.
    return 1


def _asked_for(request: Request) -> str:
    """Read what to end where no path names it. What cannot be understood ends nothing."""
    if request.method == "POST":
        which = form_field(request, "end")
    else:
        which = {"": "others", "all=false": "others", "all=true": "all"}.get(request.query, "")
    if not which:
        raise InvalidRequest(reason="it is not said which sessions are to end")
    return which
