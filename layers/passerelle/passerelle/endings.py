"""Sessions that end because somebody else says so: the provider's own session, or its user.

Such events come once. So they take effect before they are answered, or are kept in a queue; and they are
idempotent by their own time, so that they may be carried out twice, or late.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from passerelle import audit, log
from passerelle.errors import StoreUnavailable
from passerelle.services import Services
from passerelle.sessions import EndCause, sessions_ended

_DAY = 24 * 3600


class Ending(NamedTuple):
    """What ends: the sessions of a `sid`, or those of a user that began until a time; keyed hashes, both."""

    user: str
    sid: str
    before: int
    """Seconds since the epoch; sessions of a user whose ID token is not younger end."""
    cause: EndCause


def ending(*, user: str = "", sid: str = "", at: float, cause: EndCause) -> Ending:
    """Describe an ending that happened at a time, rounded up: the whole second counts."""
    return Ending(user, sid, math.ceil(at), cause)


def end_or_keep(services: Services, what: Ending, now: float) -> None:
    """End the sessions; when DynamoDB does not let us, keep the event for the queue's consumer to carry out.

    Raises `Unavailable` when neither is possible.
    """
    try:
        end(services, what, now)
    except StoreUnavailable as error:
        log.warning("ending_kept_for_later", cause=what.cause, reason=error.reason)
        services.queue.put(what._asdict())


def end(services: Services, what: Ending, now: float) -> None:
    """End the sessions, durably; raises `StoreUnavailable`."""
    delete_after = int(max(now, what.before)) + services.settings.session_absolute_seconds + _DAY
    if what.sid:
        _end_sid(services, what, delete_after, now)
    else:
        services.revocations.revoke(what.user, what.before, delete_after)
        _note(what.user, what.cause, 1)


def ending_of(event: Mapping[str, Any]) -> Ending:
    """Read what was kept; raises `TypeError` for anything else."""
    made = Ending(**event)
    if not isinstance(made.before, int) or not all(isinstance(made[each], str) for each in (0, 1)):
        raise TypeError("not an ending")
    if made.cause not in get_args(EndCause):
        raise TypeError("not a cause of an ending")
    return made


def _end_sid(services: Services, what: Ending, delete_after: int, now: float) -> None:
    """First let no session begin with this `sid`, so that none slips in behind the list of those that did."""
    user = services.revocations.end_sid(what.sid, delete_after) or what.user
    ended = 0
    for session in services.store.sessions(user)[0] if user else ():
        if session.sid == what.sid:
            services.store.end_session(user, session.id, int(now))
            ended += 1
    _note(user, what.cause, ended)


def _note(user: str, cause: EndCause, number: int) -> None:
    audit.note("sessions_ended", "ended", who=user, counted=sessions_ended(cause, number))
