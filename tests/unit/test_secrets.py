"""Secrets are kept, read again in moderation, and outlive a failure of Secrets Manager."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from passerelle.errors import Misconfigured, SecretsUnavailable
from passerelle.kept import AGAIN_SECONDS, FAILURE_SECONDS
from passerelle.ports import ClientCredentials
from passerelle.secrets import KEPT_SECONDS, Secrets, open_secrets
from passerelle.settings import read_settings
from tests.support.doubles import ENVIRONMENT, NOW, MemorySecrets

NEWER = {"clientId": "the-client", "clientSecret": "newer"}


@pytest.fixture
def reader() -> MemorySecrets:
    return MemorySecrets()


@pytest.fixture
def secrets(reader: MemorySecrets) -> Secrets:
    return open_secrets(reader, read_settings(ENVIRONMENT))


def test_nothing_is_read_before_it_is_needed(reader: MemorySecrets, secrets: Secrets) -> None:
    assert not reader.reads
    secrets.client.get(NOW)
    assert reader.reads == {"logto": 1}


def test_a_value_is_kept_for_its_time_and_not_longer(reader: MemorySecrets, secrets: Secrets) -> None:
    secrets.client.get(NOW)
    reader.put("logto", NEWER)
    assert secrets.client.get(NOW + KEPT_SECONDS - 1).client_secret == "the-client-secret"
    assert reader.reads["logto"] == 1
    assert secrets.client.get(NOW + KEPT_SECONDS).client_secret == "newer"


def test_a_value_that_seems_wrong_is_read_again_at_most_once_in_a_while(
    reader: MemorySecrets, secrets: Secrets
) -> None:
    secrets.client.get(NOW)
    secrets.client.again(NOW + 1)
    reader.put("logto", NEWER)
    assert secrets.client.again(NOW + AGAIN_SECONDS) is None
    assert secrets.client.again(NOW + AGAIN_SECONDS + 1) == ClientCredentials("the-client", "newer")
    assert secrets.client.again(NOW + AGAIN_SECONDS + 2) is None
    assert secrets.client.get(NOW + AGAIN_SECONDS + 2).client_secret == "newer"
    assert reader.reads["logto"] == 3


def test_what_was_rotated_right_after_it_was_read_is_found(reader: MemorySecrets, secrets: Secrets) -> None:
    secrets.client.get(NOW)
    reader.put("logto", NEWER)
    assert secrets.client.again(NOW + 1) == ClientCredentials("the-client", "newer")


def test_what_was_read_for_a_caller_is_not_read_once_more_for_it(
    reader: MemorySecrets, secrets: Secrets
) -> None:
    assert secrets.client.get(NOW) == secrets.client.again(NOW)
    assert reader.reads["logto"] == 1


def test_a_failure_is_bridged_by_the_value_read_before(reader: MemorySecrets, secrets: Secrets) -> None:
    before = secrets.keys.get(NOW)
    reader.failure = SecretsUnavailable()
    assert secrets.keys.get(NOW + KEPT_SECONDS) == before
    assert secrets.keys.get(NOW + 100 * KEPT_SECONDS) == before


def test_while_secrets_manager_is_down_it_is_asked_in_moderation(
    reader: MemorySecrets, secrets: Secrets
) -> None:
    secrets.client.get(NOW)
    reader.failure = SecretsUnavailable()
    for second in range(AGAIN_SECONDS):
        secrets.client.get(NOW + KEPT_SECONDS + second)
    assert reader.reads["logto"] == 2
    secrets.client.get(NOW + KEPT_SECONDS + AGAIN_SECONDS)
    assert reader.reads["logto"] == 3


def test_strangers_cannot_make_us_ask_more_often_while_it_is_down(
    reader: MemorySecrets, secrets: Secrets
) -> None:
    secrets.connector.get(NOW)
    reader.failure = SecretsUnavailable()
    for second in range(AGAIN_SECONDS):
        secrets.connector.again(NOW + AGAIN_SECONDS + second)
    assert reader.reads["connector"] == 2


def test_a_secret_that_came_out_malformed_is_not_read_over_and_over(
    reader: MemorySecrets, secrets: Secrets
) -> None:
    secrets.connector.get(NOW)
    reader.texts["connector"] = "{}"
    for second in range(AGAIN_SECONDS):
        try:
            secrets.connector.again(NOW + AGAIN_SECONDS + second)
        except Misconfigured:
            continue
    assert reader.reads["connector"] == 2


def test_without_a_value_a_failure_is_a_failure(reader: MemorySecrets, secrets: Secrets) -> None:
    reader.failure = SecretsUnavailable()
    with pytest.raises(SecretsUnavailable):
        secrets.client.get(NOW)
    reader.failure = None
    assert secrets.client.get(NOW + FAILURE_SECONDS).client_id == "the-client"


def test_a_failure_without_a_value_is_remembered_for_a_moment(
    reader: MemorySecrets, secrets: Secrets
) -> None:
    reader.failure = SecretsUnavailable("secrets_unavailable")
    for _ in range(5):
        with pytest.raises(SecretsUnavailable, match="secrets_unavailable"):
            secrets.client.get(NOW)
    assert reader.reads["logto"] == 1


def test_many_callers_read_once(reader: MemorySecrets, secrets: Secrets) -> None:
    quick = reader.read

    def slow(secret_id: str) -> str:
        time.sleep(0.05)
        return quick(secret_id)

    reader.read = slow  # type: ignore[method-assign]
    with ThreadPoolExecutor(50) as pool:
        values = set(pool.map(lambda _: secrets.client.get(NOW), range(50)))
    assert values == {ClientCredentials("the-client", "the-client-secret")}
    assert reader.reads["logto"] == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("client", "not json"),
        ("client", "[]"),
        ("client", '"text"'),
        ("client", "{}"),
        ("client", '{"clientId":"x"}'),
        ("client", '{"clientId":"x","clientSecret":""}'),
        ("connector", "{}"),
        ("connector", '{"token":"short"}'),
        ("connector", '{"tokens":["long-enough-to-be-one","short"]}'),
        ("connector", '{"tokens":5}'),
        ("connector", '{"tokens":"long-enough-to-be-one"}'),
        ("keys", "{}"),
        ("keys", '{"keys":5}'),
        ("keys", '{"keys":["x"],"index":"x"}'),
        ("mailgun", "{}"),
    ],
)
def test_a_secret_of_another_shape_says_so_without_its_value(
    reader: MemorySecrets, secrets: Secrets, name: str, text: str
) -> None:
    reader.texts = dict.fromkeys(reader.texts, "{}") | {"client": text}
    reader.texts["logto" if name == "client" else name] = text
    secret: Any = getattr(secrets, name)
    with pytest.raises(Misconfigured) as refusal:
        secret.get(NOW)
    assert refusal.value.code == "secret_invalid"
    assert "long-enough" not in str(refusal.value)


def test_a_connector_has_one_token_or_several(reader: MemorySecrets, secrets: Secrets) -> None:
    assert secrets.connector.get(NOW) == ("the-token-of-the-connector",)
    reader.put("connector", {"tokens": ["older-token-of-16", "newer-token-of-16"]})
    assert secrets.connector.again(NOW + 60) == ("older-token-of-16", "newer-token-of-16")


@pytest.mark.parametrize(
    ("member", "keys"),
    [
        ({}, ()),
        ({"webhookSigningKey": ""}, ()),
        ({"webhookSigningKey": "one"}, ("one",)),
        ({"webhookSigningKey": "one", "webhookSigningKeys": ["one", "two"]}, ("one", "two")),
        ({"webhookSigningKeys": "one"}, ()),
    ],
)
def test_logto_s_webhooks_have_one_key_or_several(
    reader: MemorySecrets, secrets: Secrets, member: dict[str, Any], keys: tuple[str, ...]
) -> None:
    reader.put("logto", NEWER | member)
    assert secrets.client.get(NOW).webhook_signing_keys == keys


def test_credentials_do_not_show_their_secret(secrets: Secrets) -> None:
    assert "the-client-secret" not in f"{secrets.client.get(NOW)!r}"


def test_the_mailgun_configuration_does_not_show_its_key(secrets: Secrets) -> None:
    assert "the-api-key" not in f"{secrets.mailgun.get(NOW)!r}"
