"""Secrets Manager."""

from passerelle.adapters.aws import AwsError, Caller
from passerelle.errors import Misconfigured, SecretsUnavailable


class SecretsManager:
    """The `SecretReader` that asks AWS."""

    def __init__(self, client: Caller) -> None:
        self._client = client

    def read(self, secret_id: str) -> str:
        """Read the current version of a secret."""
        try:
            answer = self._client.call("GetSecretValue", {"SecretId": secret_id})
        except AwsError as error:
            if error.code in {"ResourceNotFoundException", "AccessDeniedException"}:
                raise Misconfigured("secret_not_readable", reason=f"{secret_id}: {error.code}") from None
            raise SecretsUnavailable(reason=f"{secret_id}: {error.code}") from None
        if "SecretString" not in answer:
            raise Misconfigured("secret_invalid", reason=f"{secret_id} is binary")
        return str(answer["SecretString"])
