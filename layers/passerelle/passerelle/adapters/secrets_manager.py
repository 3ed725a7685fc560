"""Secrets Manager."""

from typing import Any

from passerelle.adapters.aws import AwsError, Caller
from passerelle.errors import Misconfigured, SecretsUnavailable


class SecretsManager:
    """The `SecretReader` that asks AWS, and the `DatedSecrets` of the health check."""

    def __init__(self, client: Caller) -> None:
        self._client = client

    def read(self, secret_id: str) -> str:
        """Read the current version of a secret."""
        return self.read_dated(secret_id)[0]

    def read_dated(self, secret_id: str) -> tuple[str, float]:
        """Read it, and when that version was made (seconds since the epoch)."""
        try:
            answer = self._client.call("GetSecretValue", {"SecretId": secret_id})
        except AwsError as error:
            if error.code in {"ResourceNotFoundException", "AccessDeniedException"}:
                raise Misconfigured("secret_not_readable", reason=f"{secret_id}: {error.code}") from None
            raise SecretsUnavailable(reason=f"{secret_id}: {error.code}") from None
        if "SecretString" not in answer:
            raise Misconfigured("secret_invalid", reason=f"{secret_id} is binary")
        return str(answer["SecretString"]), _seconds(answer.get("CreatedDate", 0))


def _seconds(made: Any) -> float:
    """Read a time: a number as the service writes it, a `datetime` as boto3 does."""
    return float(made.timestamp()) if hasattr(made, "timestamp") else float(made)
