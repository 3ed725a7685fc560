"""`GET /session`: who is this? `GET /sessions`, `DELETE /sessions[/id]`: where else. Never a token."""

from passerelle import runtime
from passerelle.errors import NotSignedIn
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
    everywhere = "all=true" in request.query.split("&")
    which = named or form_field(request, "end") or ("all" if everywhere else "others")
    now, user = services.clock.now(), live.handle.user
    if which in ("all", "others"):
        count = session_list.end_all(services, user, now, but=live.handle.id if which == "others" else "")
    else:
        session_list.end_one(services, user, which, now)
        count = 1
    cookies = [drop_cookie(COOKIE)] if which in ("all", live.handle.id) else []
    if request.method == "POST":
        return redirect("/", *cookies)
    return json_response({"ended": count}, *cookies)
