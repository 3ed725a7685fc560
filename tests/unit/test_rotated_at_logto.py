"""What Logto signs with a key that is newer than what this environment holds, and sends once only."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from passerelle import backchannel, logto_events
from passerelle.discovery import Discovery
from passerelle.errors import BearerRefused, PasserelleError
from passerelle.oidc.jws import KeyNotFound
from passerelle.sessions import partition
from tests.support.doubles import CLIENT, ISSUER, NOW, SECRETS, World
from tests.unit.journey import JWKS, Logto, make_signing_world, sign_in
from tests.unit.signing import IssuerKey

NEWER = IssuerKey("ES384", "newer")


@pytest.fixture
def made() -> tuple[World, Logto]:
    return make_signing_world()


def logout_body(key: IssuerKey, jti: str = "a") -> bytes:
    claims = {"iss": ISSUER, "aud": CLIENT.client_id, "sub": "ada", "jti": jti, "iat": NOW, "exp": NOW + 120}
    events: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    return f"logout_token={key.sign(claims | {'events': events}, typ='logout+jwt')}".encode()


def test_a_logout_token_of_a_key_rotated_right_after_the_keys_were_fetched_is_believed(
    made: tuple[World, Logto],
) -> None:
    world, logto = made
    sign_in(world, logto)
    logto.published = [NEWER, *logto.published]
    backchannel.log_out(world.services, logout_body(NEWER), NOW + 5)
    assert world.revocations.table.revocations


def test_strangers_make_us_fetch_keys_once_in_a_while(made: tuple[World, Logto]) -> None:
    world, logto = made
    sign_in(world, logto)
    for second in range(1, 20):
        with pytest.raises(KeyNotFound):
            backchannel.log_out(world.services, logout_body(NEWER, str(second)), NOW + second)
    assert len(world.provider.to(JWKS)) == 2


def test_a_request_does_not_fail_because_another_one_is_half_way_through_the_same(
    made: tuple[World, Logto],
) -> None:
    world, logto = made
    sign_in(world, logto)
    logto.published = [NEWER, *logto.published]
    assert world.services.discovery.document.again(NOW + 4)
    backchannel.log_out(world.services, logout_body(NEWER), NOW + 5)
    assert world.revocations.table.revocations


def test_a_request_takes_what_another_one_has_just_fetched(
    made: tuple[World, Logto], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, logto = made
    sign_in(world, logto)
    logto.published = [NEWER, *logto.published]
    really = Discovery.again

    def too_early(discovery: Discovery, now: float) -> bool:
        really(discovery, now)
        return False

    monkeypatch.setattr(Discovery, "again", too_early)
    backchannel.log_out(world.services, logout_body(NEWER), NOW + 5)
    assert world.revocations.table.revocations


def event(world: World, key: str, at: float, **members: Any) -> None:
    told = {"event": "User.Deleted", "createdAt": "2027-01-15T08:00:00Z", "data": None, **members}
    body = json.dumps(told | {"params": {"userId": "ada"}}).encode()
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    logto_events.take(world.services, body, signature, at)


def put_keys(world: World, **members: Any) -> None:
    world.secrets.put("logto", {**SECRETS["logto"], **members})


def test_events_of_two_webhooks_are_believed_side_by_side(made: tuple[World, Logto]) -> None:
    world, _ = made
    put_keys(world, webhookSigningKeys=["of-the-old-webhook", "of-the-new-webhook"])
    for key in ("of-the-old-webhook", "of-the-new-webhook"):
        world.revocations.table.revocations.clear()
        event(world, key, NOW)
        user = partition(world.services.secrets.keys.get(NOW), ISSUER, "ada")
        assert user in world.revocations.table.revocations
    with pytest.raises(BearerRefused):
        event(world, "of-nobody", NOW + 60)


def test_the_key_of_a_webhook_added_right_after_the_secret_was_read_is_found(
    made: tuple[World, Logto],
) -> None:
    world, _ = made
    put_keys(world, webhookSigningKey="of-the-old-webhook")
    event(world, "of-the-old-webhook", NOW)
    put_keys(world, webhookSigningKeys=["of-the-old-webhook", "of-the-new-webhook"])
    event(world, "of-the-new-webhook", NOW + 1)
    assert world.revocations.table.revocations


def test_without_a_key_nothing_is_believed(made: tuple[World, Logto]) -> None:
    with pytest.raises(PasserelleError, match="webhook_key_missing"):
        event(made[0], "", NOW)
