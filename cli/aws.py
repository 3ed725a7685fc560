"""AWS, or the stand-in for it, spoken to through boto3."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cli.problems import Problem, Refused
from passerelle.adapters.aws import AwsError

_NOBODY = {"region_name": "eu-central-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}
"""Whom the stand-in for AWS serves, and where."""


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
            raise Problem(f"AWS: {error}") from None
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
        from botocore.exceptions import BotoCoreError

        config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2})
        if self._endpoint:
            return boto3.client(
                self._name, endpoint_url=self._endpoint, config=config.merge(Config(proxies={})), **_NOBODY
            )
        try:
            return boto3.client(self._name, config=config, region_name=self._region or None)
        except BotoCoreError as error:
            raise Problem(f"AWS: {error}") from None
