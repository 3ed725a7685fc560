"""Renew a session's tokens, one caller at a time, so that it follows its user at Logto.

Logto revokes the whole grant when a refresh token comes back that it has replaced. So one caller has a lease,
the others wait for its result, and whichever refresh token comes back is stored before anything else.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from passerelle import audit, log, metrics
from passerelle.client import authenticated_post
from passerelle.discovery import Keys
from passerelle.errors import Misconfigured, ProviderUnavailable, SignInRefused, StoreUnavailable, Unavailable
from passerelle.identity import Judge, judge_fresh_token
from passerelle.keys import random_value
from passerelle.oidc.id_token import Original, verified_refreshed_claims
from passerelle.oidc.metadata import Metadata
from passerelle.oidc.token import GrantEnded, Tokens, refresh_request, refreshed_tokens
from passerelle.profile import profile_from
from passerelle.services import Services
from passerelle.sessions import Contents, LiveSession, look_up, seal_contents, sessions_ended
from passerelle.userinfo import with_userinfo

LEASE_SECONDS = 30.0
"""Longer than the token call with its second try and a newly read secret may take."""

AGAIN_SECONDS = 15.0
"""After a failure nobody tries again for so long."""

WAIT_SECONDS = 6.0
_POLL_SECONDS = 0.1


def renewed_session(services: Services, live: LiveSession, now: float) -> LiveSession | None:
    """Return the session with tokens that are valid, as far as they can be had; None when it is over.

    A session without a refresh token lives by its own lifetimes alone. Raises `ProviderUnavailable` when
    Logto does not answer and the settings want such a session refused, and `StoreUnavailable`.
    """
    if not live.is_due(now):
        return live
    if live.session.lease_until > now:
        return _with_another_caller(services, live, now)
    holder = random_value()
    if not services.store.lease_session(live.session, holder, now, now + LEASE_SECONDS):
        return _with_another_caller(services, live, now)
    return _renew(services, live, holder, now)


def _with_another_caller(services: Services, live: LiveSession, now: float) -> LiveSession | None:
    """Go on with a token that is still valid, else wait shortly and take the other caller's result."""
    if now < live.contents.access_token_expires_at:
        return live
    deadline = now + WAIT_SECONDS
    while services.clock.now() < deadline:
        found = look_up(services, live.handle, services.clock.now())
        if found is None or found.session.generation != live.session.generation:
            return found
        if not found.session.lease_holder or found.session.lease_until <= services.clock.now():
            break  # it has failed, or died
        services.clock.sleep(_POLL_SECONDS)
    return _without_provider(services, live, "the caller that renews the tokens had no result")


def _renew(services: Services, live: LiveSession, holder: str, now: float) -> LiveSession | None:
    try:
        endpoint = services.discovery.metadata(now).token_endpoint
        request = refresh_request(live.contents.refresh_token)
        tokens = refreshed_tokens(authenticated_post(services, endpoint, request, now))
    except GrantEnded:
        return _grant_ended(services, live)
    except (Unavailable, Misconfigured) as error:
        with suppress(StoreUnavailable):
            services.store.release_session(live.session, holder, services.clock.now() + AGAIN_SECONDS)
        outcome = "misconfigured" if isinstance(error, Misconfigured) else "unavailable"
        return _without_provider(services, live, error.reason, {"code": error.code} | _told(live, outcome))
    return _store(services, live, holder, tokens, now)


def _store(
    services: Services, live: LiveSession, holder: str, tokens: Tokens, now: float
) -> LiveSession | None:
    contents = live.contents._replace(
        refresh_token=tokens.refresh_token or live.contents.refresh_token,
        access_token=tokens.access_token,
        access_token_expires_at=int(now) + tokens.expires_in,
        id_token=tokens.unverified_id_token if live.contents.id_token else "",
    )
    if not _write(services, live, holder, contents, now):
        # The session was ended meanwhile, or the lease had passed to somebody else, whose result counts.
        log.warning("session_not_renewed", reason="overtaken", **_told(live, "overtaken"))
        return look_up(services, live.handle, now)
    log.info("session_renewed", who=live.session.user, **metrics.count("Refreshes", outcome="renewed"))
    generation = live.session.generation + 1
    session = live.session._replace(generation=generation, lease_until=0, lease_holder="")
    return _follow(services, live._replace(session=session, contents=contents), tokens, now)


def _follow(services: Services, live: LiveSession, tokens: Tokens, now: float) -> LiveSession | None:
    """Judge the ID token that came along, and take over what Logto says of the user now."""
    if not tokens.unverified_id_token:
        return live
    try:
        claims = judge_fresh_token(services, _judge(services, live, tokens, now), now)
        profile = profile_from(with_userinfo(services, claims, tokens.access_token, now))
    except SignInRefused as error:
        _end(services, live)
        told = audit.entry("ended", who=live.session.user) | sessions_ended("refresh_refused")
        log.error("session_ended", session=live.session.id, code=error.code, reason=error.reason, **told)
        return None
    except Unavailable as error:
        # The token came from Logto itself; without its keys, or its userinfo, the next one is judged.
        log.warning("refresh_not_judged", code=error.code, reason=error.reason)
        return live
    if profile == live.profile:
        return live
    return _write_profile(services, live, live.contents._replace(profile=profile), now)


def _judge(services: Services, live: LiveSession, tokens: Tokens, now: float) -> Judge[dict[str, Any]]:
    client_id = services.secrets.client.get(now).client_id

    def judge(metadata: Metadata, keys: Keys, algorithms: tuple[str, ...]) -> dict[str, Any]:
        original = Original(
            issuer=metadata.issuer,
            client_id=client_id,
            subject=live.contents.subject,
            nonce=live.contents.nonce,
            auth_time=live.contents.auth_time,
            algorithms=algorithms,
            access_token=tokens.access_token,
        )
        return verified_refreshed_claims(tokens.unverified_id_token, keys, original, now)

    return judge


def _write_profile(services: Services, live: LiveSession, contents: Contents, now: float) -> LiveSession:
    """Store another profile; the next refresh does, when somebody is in the way."""
    holder = random_value()
    leased = services.store.lease_session(live.session, holder, now, now + LEASE_SECONDS)
    if leased and _write(services, live, holder, contents, now):
        session = live.session._replace(generation=live.session.generation + 1)
        return live._replace(session=session, contents=contents)
    return live


def _write(services: Services, live: LiveSession, holder: str, contents: Contents, now: float) -> bool:
    sealed = seal_contents(services, live.session.user, live.session.id, contents, now)
    return services.store.renew_session(live.session, holder, sealed)


def _grant_ended(services: Services, live: LiveSession) -> LiveSession | None:
    """Believe that the grant is over only after another look: somebody may have renewed it meanwhile."""
    now = services.clock.now()
    found = look_up(services, live.handle, now)
    if found is None or found.session.generation != live.session.generation:
        return found
    _end(services, live)
    told = metrics.together(_told(live, "ended"), sessions_ended("grant_ended"))
    log.info("session_ended", session=live.session.id, **told)
    return None


def _end(services: Services, live: LiveSession) -> None:
    services.store.end_session(live.session.user, live.session.id, int(services.clock.now()))


def _told(live: LiveSession, outcome: str) -> dict[str, Any]:
    """Return the members of a line that tells what came of a renewal, and counts it."""
    return audit.entry(outcome, who=live.session.user) | metrics.count("Refreshes", outcome=outcome)


def _without_provider(
    services: Services, live: LiveSession, reason: str, told: Mapping[str, Any] | None = None
) -> LiveSession:
    log.warning("session_not_renewed", reason=reason, **(told or {}))
    if services.settings.session_needs_provider:
        raise ProviderUnavailable(reason=reason)
    return live
