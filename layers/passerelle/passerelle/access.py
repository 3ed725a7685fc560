"""Guards the functions of an application: who is signed in, and may they?

    @signed_in(max_age=300, allow=lambda user: user.id in STAFF)
    def handler(event, context, user): ...

The function needs our layers and the variables of `NEEDS`. It has to be reached under the host that signs in,
since no other host gets the cookie.
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from functools import wraps
from typing import Any, NamedTuple, overload
from urllib.parse import urlencode, urlsplit

from passerelle import runtime, snapshot
from passerelle.errors import Forbidden, InvalidRequest, Misconfigured, NotSignedIn, SignInTooOld
from passerelle.log import discreet
from passerelle.return_to import checked_return_to
from passerelle.sessions import COOKIE, LiveSession, live_session
from passerelle.web import Event, Request, Response, answered, demand_same_origin

NEEDS = ("TABLE_NAME", "KEYS_SECRET_ID")
"""The environment variables that a guarded function cannot do without."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 9.2.1), so that they may come from anywhere."""


@discreet
class User(NamedTuple):
    """Who is signed in. Who somebody is says `id`, and nothing else: names and addresses change hands."""

    id: str
    """The subject at Logto."""
    name: str | None
    email: str | None
    image: str | None
    profile: dict[str, Any]
    """All that `profile.py` maps."""
    authenticated_at: float | None
    """When they proved who they are, in seconds since the epoch; None where Logto was not asked for it."""
    session_id: str
    """As in `GET /sessions`; it opens nothing."""


Handler = Callable[[dict[str, Any], Any], Any]
GuardedHandler = Callable[[dict[str, Any], Any, User], Any]
Allow = Callable[[User], bool]
Middleware = Callable[[Any, Callable[[Any], Any]], Any]


class _Guard(NamedTuple):
    max_age: int | None
    allow: Allow | None
    origins: frozenset[str]


@overload
def signed_in(handler: GuardedHandler, /) -> Handler: ...


@overload
def signed_in(
    *, max_age: int | None = None, allow: Allow | None = None, origins: Collection[str] = ()
) -> Callable[[GuardedHandler], Handler]: ...


def signed_in(
    handler: GuardedHandler | None = None,
    /,
    *,
    max_age: int | None = None,
    allow: Allow | None = None,
    origins: Collection[str] = (),
) -> Handler | Callable[[GuardedHandler], Handler]:
    """Give a Lambda handler its user as third argument, and answer everybody else in its place.

    401 when nobody is signed in, or (RFC 9470) not within `max_age` seconds; 403 when `allow` does not return
    True, or when a request that may change something started neither on our own origin nor on one of
    `origins`; 503 when the session cannot be looked up. What the handler returns or raises is left alone.
    Raises `Misconfigured` for an event that is no request in payload format 2.0.
    """
    guard = _new_guard(max_age, allow, origins)
    return _guarded(handler, guard) if handler else lambda handler: _guarded(handler, guard)


def signed_in_middleware(
    *, max_age: int | None = None, allow: Allow | None = None, origins: Collection[str] = ()
) -> Middleware:
    """Make a middleware for Powertools' `APIGatewayHttpResolver` that judges as `signed_in` does.

    Handlers find the user in `app.context["user"]`.
    """
    guard = _new_guard(max_age, allow, origins)

    def middleware(app: Any, next_middleware: Callable[[Any], Any]) -> Any:
        admitted = _admitted(guard, app.current_event.raw_event)
        if isinstance(admitted, Response):
            # The application's own: our layers bring no Powertools, which would slow every cold start.
            from aws_lambda_powertools.event_handler import Response as Refusal

            payload = admitted.payload()
            return Refusal(payload["statusCode"], body=payload["body"], headers=payload["headers"])
        app.append_context(user=admitted)
        return next_middleware(app)

    return middleware


def _new_guard(max_age: int | None, allow: Allow | None, origins: Collection[str]) -> _Guard:
    if max_age is not None and max_age < 1:
        raise ValueError("max_age is less than a second: nobody could sign in so fast")
    for origin in origins:
        parts = urlsplit(origin)
        if not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(f"{origin!r} is not an origin such as https://app.example.com")
    snapshot.register(NEEDS)
    return _Guard(max_age, allow, frozenset(origins))


def _guarded(handler: GuardedHandler, guard: _Guard) -> Handler:
    @wraps(handler)
    def guarded(event: dict[str, Any], context: Any) -> Any:
        admitted = _admitted(guard, event)
        return admitted.payload() if isinstance(admitted, Response) else handler(event, context, admitted)

    return guarded


def _admitted(guard: _Guard, event: Event) -> User | Response:
    # Not answered: another format wants another answer, and an event of another kind none that says 500.
    if "http" not in (event.get("requestContext") or {}):
        raise Misconfigured(
            "event_not_supported",
            reason="no request in payload format 2.0, as HTTP APIs and function URLs send it",
        )
    return answered(lambda request: _judged(guard, request), event)


def _judged(guard: _Guard, request: Request) -> User:
    services = runtime.services(NEEDS)
    base_url = request.base_url(services.settings.public_base_url)
    if request.method not in SAFE_METHODS and request.headers.get("origin") not in guard.origins:
        demand_same_origin(request, base_url)
    now = services.clock.now()
    live = live_session(services, request.cookies.get(COOKIE), now)
    if live is None:
        raise _with_sign_in(NotSignedIn(reason="no live session"), request, base_url)
    user = _user_of(live)
    if guard.allow and guard.allow(user) is not True:
        raise Forbidden(reason="allow did not return True")
    if guard.max_age is not None and not _is_fresh(user, guard.max_age, now):
        error = SignInTooOld(reason=f"not within {guard.max_age} seconds, as far as Logto told")
        error.challenge = f'Bearer error="{error.code}", max_age={guard.max_age}'
        raise _with_sign_in(error, request, base_url, prompt="login")
    return user


def _user_of(live: LiveSession) -> User:
    profile, auth_time = live.profile, live.contents.auth_time
    return User(
        id=live.contents.subject or str(profile["id"]),
        name=profile.get("name"),
        email=profile.get("email"),
        image=profile.get("image"),
        profile=profile,
        # Nobody judged it where nobody asked for it.
        authenticated_at=auth_time if isinstance(auth_time, int | float) else None,
        session_id=live.handle.id,
    )


def _is_fresh(user: User, max_age: int, now: float) -> bool:
    """Whether the provider told that this user proved who they are, not long ago (RFC 9470 3).

    NOTE: the time at which the session began is no substitute. Logto opens another session without asking
    anything while its own lasts, so that anybody at an open browser could pass with it.
    """
    return user.authenticated_at is not None and now - user.authenticated_at <= max_age


def _with_sign_in(error: NotSignedIn, request: Request, base_url: str, **parameters: str) -> NotSignedIn:
    """Let the error lead to a sign-in that comes back to the page on which the browser is."""
    with suppress(InvalidRequest):
        parameters["return_to"] = checked_return_to(_page_of(request, base_url), ())
    error.retry = f"/login?{urlencode(parameters)}".rstrip("?")
    return error


def _page_of(request: Request, base_url: str) -> str:
    """Return the path of the page that was asked for, or of the one that a program or a form is on."""
    if request.method == "GET" and request.wants_html:
        return f"{request.path}?{request.query}" if request.query else request.path
    return request.headers.get("referer", "").removeprefix(base_url)
