"""Metadata and keys are fetched when needed, kept, and outlive a failure of Logto."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from passerelle.discovery import KEPT_SECONDS, Discovery
from passerelle.errors import Misconfigured, ProviderUnavailable
from passerelle.ports import Reply
from tests.support.doubles import DISCOVERY, ISSUER, METADATA, NOW, Call, ScriptedProvider

JWKS = f"{ISSUER}/jwks"
KEYS = Reply(200, {"keys": [{"kid": "1"}]})


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider({JWKS: KEYS})


@pytest.fixture
def discovery(provider: ScriptedProvider) -> Discovery:
    return Discovery(provider, ISSUER)


def test_fetches_the_document_of_its_issuer_once(provider: ScriptedProvider, discovery: Discovery) -> None:
    first = discovery.metadata(NOW)
    assert discovery.metadata(NOW + KEPT_SECONDS - 1) is first
    assert [call.url for call in provider.calls] == [DISCOVERY]


def test_fetches_again_after_its_time(provider: ScriptedProvider, discovery: Discovery) -> None:
    discovery.metadata(NOW)
    discovery.keys(NOW)
    discovery.keys(NOW + KEPT_SECONDS)
    assert len(provider.to(DISCOVERY)) == 2
    assert len(provider.to(JWKS)) == 2


def test_finds_the_document_of_an_issuer_with_a_slash_at_the_end() -> None:
    issuer = f"{ISSUER}/"
    provider = ScriptedProvider({DISCOVERY: Reply(200, {**METADATA, "issuer": issuer})})
    assert Discovery(provider, issuer).metadata(NOW).issuer == issuer


def test_keys_come_from_where_the_metadata_says(provider: ScriptedProvider, discovery: Discovery) -> None:
    assert discovery.keys(NOW) == ({"kid": "1"},)
    assert discovery.keys(NOW + 1) == ({"kid": "1"},)
    assert [call.url for call in provider.calls] == [DISCOVERY, JWKS]


def test_passes_over_what_is_no_key(provider: ScriptedProvider, discovery: Discovery) -> None:
    provider.answers[JWKS] = Reply(200, {"keys": ["x", None, {"kid": "2"}]})
    assert discovery.keys(NOW) == ({"kid": "2"},)


@pytest.mark.parametrize("fault", [Reply(500, None), Reply(200, None), ProviderUnavailable()])
def test_metadata_outlives_a_failure(
    provider: ScriptedProvider, discovery: Discovery, fault: Reply | Exception
) -> None:
    kept = discovery.metadata(NOW)
    provider.answers[DISCOVERY] = fault
    assert discovery.metadata(NOW + 10 * KEPT_SECONDS) is kept


@pytest.mark.parametrize("fault", [Reply(500, None), Reply(200, {}), ProviderUnavailable()])
def test_keys_outlive_a_failure(
    provider: ScriptedProvider, discovery: Discovery, fault: Reply | Exception
) -> None:
    kept = discovery.keys(NOW)
    provider.answers[JWKS] = fault
    assert discovery.keys(NOW + 10 * KEPT_SECONDS) == kept


def test_a_logto_that_is_down_is_not_asked_by_every_request(
    provider: ScriptedProvider, discovery: Discovery
) -> None:
    discovery.metadata(NOW)
    provider.answers[DISCOVERY] = ProviderUnavailable()
    for second in range(20):
        discovery.metadata(NOW + KEPT_SECONDS + second)
    assert len(provider.to(DISCOVERY)) < 5


@pytest.mark.parametrize(
    "answer",
    [Reply(404, {}), Reply(302, None), Reply(200, None), Reply(500, METADATA), ProviderUnavailable()],
)
def test_without_a_kept_copy_a_failure_is_a_failure(answer: Reply | Exception) -> None:
    with pytest.raises(ProviderUnavailable):
        Discovery(ScriptedProvider({DISCOVERY: answer}), ISSUER).metadata(NOW)


@pytest.mark.parametrize("answer", [Reply(500, {"keys": []}), Reply(200, {"keys": "x"}), Reply(200, {})])
def test_without_kept_keys_a_failure_is_a_failure(
    provider: ScriptedProvider, discovery: Discovery, answer: Reply
) -> None:
    provider.answers[JWKS] = answer
    with pytest.raises(ProviderUnavailable):
        discovery.keys(NOW)


def test_another_issuer_is_the_operator_s_fault(provider: ScriptedProvider, discovery: Discovery) -> None:
    provider.answers[DISCOVERY] = Reply(200, {**METADATA, "issuer": "https://other.example"})
    with pytest.raises(Misconfigured):
        discovery.metadata(NOW)


def test_refetching_brings_new_metadata_and_keys_at_once(
    provider: ScriptedProvider, discovery: Discovery
) -> None:
    discovery.keys(NOW)
    moved = f"{ISSUER}/jwks-2"
    provider.answers[DISCOVERY] = Reply(
        200, {**METADATA, "jwks_uri": moved, "id_token_signing_alg_values_supported": ["RS256"]}
    )
    provider.answers[moved] = Reply(200, {"keys": [{"kid": "3"}]})
    discovery.refetch(NOW + 1)
    assert discovery.keys(NOW + 2) == ({"kid": "3"},)
    assert discovery.metadata(NOW + 2).id_token_signing_alg_values_supported == ("RS256",)
    discovery.refetch(NOW + 2)
    assert len(provider.to(moved)) == 2


def test_many_callers_fetch_once(provider: ScriptedProvider, discovery: Discovery) -> None:
    def slow(call: Call) -> Reply:
        time.sleep(0.05)
        return Reply(200, METADATA) if call.url == DISCOVERY else KEYS

    provider.answers = {DISCOVERY: slow, JWKS: slow}
    with ThreadPoolExecutor(50) as pool:
        assert set(map(str, pool.map(lambda _: discovery.keys(NOW), range(50)))) == {"({'kid': '1'},)"}
    assert [call.url for call in provider.calls] == [DISCOVERY, JWKS]
