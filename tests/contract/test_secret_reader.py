"""The promises of a SecretReader, kept by Secrets Manager and by its double alike."""

from collections.abc import Callable

import pytest

from passerelle.adapters import aws
from passerelle.adapters.secrets_manager import SecretsManager
from passerelle.errors import Misconfigured, SecretsUnavailable
from passerelle.ports import SecretReader
from tests.support.doubles import MemorySecrets
from tests.support.moto_server import Moto

Put = Callable[[str], None]


@pytest.fixture(params=["memory", "secrets manager"])
def pair(request: pytest.FixtureRequest) -> tuple[SecretReader, Put]:
    if request.param == "memory":
        memory = MemorySecrets({"x": {}})
        return memory, lambda text: memory.texts.update(shared=text)
    moto: Moto = request.getfixturevalue("moto")
    client = moto.client("secretsmanager")

    def put(text: str) -> None:
        if any(secret["Name"] == "shared" for secret in client.list_secrets()["SecretList"]):
            client.put_secret_value(SecretId="shared", SecretString=text)
        else:
            client.create_secret(Name="shared", SecretString=text)

    return SecretsManager(aws.secrets_manager(moto.url)), put


def test_reads_the_newest_version(pair: tuple[SecretReader, Put]) -> None:
    reader, put = pair
    for text in ('{"a":1}', '{"a":2}', "é"):
        put(text)
        assert reader.read("shared") == text


def test_a_secret_that_is_not_there_is_the_operator_s_to_mend(pair: tuple[SecretReader, Put]) -> None:
    with pytest.raises(Misconfigured) as refusal:
        pair[0].read("missing")
    assert refusal.value.code == "secret_not_readable"
    assert "missing" in refusal.value.reason


def test_a_secrets_manager_that_does_not_answer_is_told(moto: Moto) -> None:
    with pytest.raises(SecretsUnavailable):
        SecretsManager(aws.secrets_manager("http://127.0.0.1:9")).read("shared")


def test_a_secret_without_text_is_the_operator_s_to_mend(moto: Moto) -> None:
    moto.client("secretsmanager").create_secret(Name="binary", SecretBinary=b"x")
    with pytest.raises(Misconfigured):
        SecretsManager(aws.secrets_manager(moto.url)).read("binary")
