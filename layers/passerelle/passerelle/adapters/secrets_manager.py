"""Secrets Manager."""

from passerelle.adapters import aws
from passerelle.errors import Misconfigured, SecretsUnavailable


class SecretsManager:
    """The `SecretReader` that asks AWS."""

    def __init__(self, endpoint_url: str | None) -> None:
        self._endpoint_url = endpoint_url

    def read(self, secret_id: str) -> str:
        """Read the current version of a secret."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = aws.client("secretsmanager", self._endpoint_url).get_secret_value(SecretId=secret_id)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in {"ResourceNotFoundException", "AccessDeniedException"}:
                raise Misconfigured("secret_not_readable", reason=f"{secret_id}: {code}") from None
            raise SecretsUnavailable(reason=f"{secret_id}: {code}") from None
        except BotoCoreError as error:
            raise SecretsUnavailable(reason=f"{secret_id}: {type(error).__name__}") from None
        if "SecretString" not in answer:
            raise Misconfigured("secret_invalid", reason=f"{secret_id} is binary")
        return str(answer["SecretString"])
