"""What was rotated at Logto since we last asked does not spoil a sign-in."""

import pytest

from passerelle.errors import Misconfigured, SignInRefused
from passerelle.ports import Reply
from tests.support.doubles import CLIENT, DISCOVERY, METADATA, NOW, World
from tests.unit.journey import JWKS, TOKEN, Logto, begin, make_signing_world, sign_in
from tests.unit.signing import IssuerKey, good_claims, hmac_token

Made = tuple[World, Logto]


@pytest.fixture
def made() -> Made:
    return make_signing_world()


def test_a_client_secret_that_was_rotated_is_read_again(made: Made) -> None:
    world, logto = made
    begin(world, logto, now=NOW - 60)
    world.secrets.put("logto", {"clientId": CLIENT.client_id, "clientSecret": "newer"})
    world.provider.answers[TOKEN] = lambda call: (
        logto.token(call)
        if call.client and call.client.client_secret == "newer"
        else Reply(401, {"error": "invalid_client"})
    )
    assert sign_in(world, logto).session_cookie
    assert len(world.provider.to(TOKEN)) == 2


def test_a_client_secret_that_stays_wrong_is_tried_once(made: Made) -> None:
    world, logto = made
    begin(world, logto, now=NOW - 60)
    world.provider.answers[TOKEN] = Reply(401, {"error": "invalid_client"})
    with pytest.raises(Misconfigured):
        sign_in(world, logto)
    assert len(world.provider.to(TOKEN)) == 1


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_signing_keys_that_were_rotated_are_fetched_again(made: Made, algorithm: str) -> None:
    world, logto = made
    sign_in(world, logto)
    newer = IssuerKey(algorithm, "newer")
    logto.key, logto.published = newer, [newer, *logto.published]
    algorithms = sorted({algorithm, "ES384"})
    world.provider.answers[DISCOVERY] = Reply(
        200, {**METADATA, "id_token_signing_alg_values_supported": algorithms}
    )
    assert sign_in(world, logto).session_cookie
    assert len(world.provider.to(JWKS)) == 2
    assert sign_in(world, logto).session_cookie
    assert len(world.provider.to(JWKS)) == 2


def test_a_key_that_nobody_published_is_refused_after_one_more_look(made: Made) -> None:
    world, logto = made
    logto.key = IssuerKey("ES384", "stranger")
    with pytest.raises(SignInRefused, match="id_token_key_unknown"):
        sign_in(world, logto)
    assert len(world.provider.to(JWKS)) == 2


def test_the_algorithms_of_the_settings_count_for_more_than_discovery() -> None:
    world, logto = make_signing_world(ID_TOKEN_ALGORITHMS="RS256")
    with pytest.raises(SignInRefused, match="id_token_algorithm_refused"):
        sign_in(world, logto)


@pytest.mark.parametrize("advertised", [["HS256", "none", "ES384"], ["HS256"]])
def test_discovery_cannot_bring_in_a_shared_key(made: Made, advertised: list[str]) -> None:
    world, logto = made
    world.provider.answers[DISCOVERY] = Reply(
        200, {**METADATA, "id_token_signing_alg_values_supported": advertised}
    )

    def forged(_: object) -> Reply:
        token = hmac_token(good_claims(logto.nonce), CLIENT.client_secret.encode())
        return Reply(200, {"access_token": "x", "token_type": "Bearer", "id_token": token})

    world.provider.answers[TOKEN] = forged
    with pytest.raises(SignInRefused, match="id_token_algorithm_refused"):
        sign_in(world, logto)
