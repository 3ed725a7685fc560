"""One session of one user, and what the tests do to it."""

from typing import Any

from passerelle.ports import StoredSession
from passerelle.sessions import live_session
from tests.support.doubles import NOW, World
from tests.unit.journey import Logto, make_signing_world, sign_in

IDLE, ABSOLUTE = 1800, 7200

Made = tuple[World, Logto, str]


def is_live(made: Made, now: float = NOW, cookie: str | None = None) -> bool:
    return live_session(made[0].services, cookie or made[2], now) is not None


def stored(world: World) -> StoredSession:
    [session] = world.store.table.sessions.values()
    return session


def change(world: World, **members: Any) -> None:
    [(key, session)] = world.store.table.sessions.items()
    world.store.table.sessions[key] = session._replace(**members)


def make() -> Made:
    """Sign somebody in: the world, their Logto, and the cookie."""
    world, logto = make_signing_world(SESSION_IDLE_SECONDS=str(IDLE), SESSION_ABSOLUTE_SECONDS=str(ABSOLUTE))
    return world, logto, sign_in(world, logto).session_cookie
