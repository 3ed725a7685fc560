"""AWS, or the stand-in for it, spoken to through boto3."""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cli.problems import Problem, Refused
from passerelle.adapters.aws import AwsError

_NOBODY = {"region_name": "eu-central-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}
"""Whom the stand-in for AWS serves, and where."""


def command_line(endpoint: str = "") -> str:
    """Return how the AWS CLI is called, for AWS or for the stand-in at `endpoint`."""
    if not endpoint:
        return "aws"
    who = f"AWS_ACCESS_KEY_ID={_NOBODY['aws_access_key_id']}"
    secret = f"AWS_SECRET_ACCESS_KEY={_NOBODY['aws_secret_access_key']}"
    return f"{who} {secret} aws --region {_NOBODY['region_name']} --endpoint-url {endpoint}"


_SIGN_IN = """\
AWS wants to know who you are. With IAM Identity Center: `aws configure sso` once, `aws sso login`, and
AWS_PROFILE=NAME. With an access key: `aws configure`, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
docs/deploy.md, "Credentials", has the clicks."""
_NO_REGION = "AWS: no region is set. Name that of the stack, such as AWS_REGION=eu-central-1"

_NOT_KNOWN = {
    *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"),
    *("SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError"),
    *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"),
    *("SignatureDoesNotMatch", "AuthFailure", "InvalidToken"),
}
"""What boto3 or AWS call it when there are no credentials, or none that count."""


def own_region() -> str:
    """Return the region that the operator has set, if any, where the AWS CLI looks for it."""
    import boto3

    return os.environ.get("AWS_REGION") or boto3.Session().region_name or ""


def how_to_sign_in(said: str) -> str:
    """Add to AWS's own words how to get credentials, once."""
    return said if _SIGN_IN in said else f"{said}\n{_SIGN_IN}"


class Service:
    """One service, called by the names of its operations, as the adapters do.

    At `endpoint` there is a stand-in; without one it is AWS, with credentials wherever boto3 finds them, in
    `region` or the one that boto3 finds.
    """

    def __init__(self, name: str, endpoint: str = "", region: str = "") -> None:
        self._name, self._endpoint, self._region = name, endpoint, region

    def call(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call an operation; raises `AwsError`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self._called(operation, body)
        except ClientError as error:
            raise AwsError(error.response["Error"]["Code"], error.response) from None
        except BotoCoreError as error:
            raise AwsError(type(error).__name__) from None

    def ask(self, operation: str, **arguments: Any) -> Mapping[str, Any]:
        """Call an operation on the operator's behalf; raises `Problem` with the service's own words."""
        from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
        from botocore.parsers import ResponseParserError

        try:
            return self._called(operation, arguments)
        except (ConnectionError, HTTPClientError) as error:
            hint = ". Is `make run` running? Its AWS has another address each time" if self._endpoint else ""
            raise Refused(f"AWS: {error}{hint}") from None
        except (BotoCoreError, ClientError) as error:
            name = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
            said = f"AWS: {error}"
            raise Problem(how_to_sign_in(said) if name in _NOT_KNOWN else said) from None
        except ResponseParserError:
            raise Refused("AWS: what answered there is not AWS") from None

    def _called(self, operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        methods = {api: method for method, api in self._client.meta.method_to_api_mapping.items()}
        answer: Mapping[str, Any] = getattr(self._client, methods[operation])(**arguments)
        return answer

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, NoRegionError

        config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2})
        if self._endpoint:
            return boto3.client(
                self._name, endpoint_url=self._endpoint, config=config.merge(Config(proxies={})), **_NOBODY
            )
        try:
            return boto3.client(self._name, config=config, region_name=self._region or own_region() or None)
        except NoRegionError:
            raise Problem(_NO_REGION) from None
        except BotoCoreError as error:
            raise Problem(f"AWS: {error}") from None
