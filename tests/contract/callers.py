"""Another way to DynamoDB, and many ways at once."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from passerelle.adapters.aws import AwsError
from passerelle.adapters.dynamodb import DynamoDBStore
from passerelle.adapters.dynamodb_revocations import DynamoDBRevocations
from passerelle.ports import Revocations, Store
from tests.support.session_doubles import MemoryRevocations, MemoryStore, MemoryTable

Result = TypeVar("Result")


class Boto3Caller:
    """DynamoDB through boto3: what our own signed requests are held against."""

    def __init__(self, url: str) -> None:
        config = Config(max_pool_connections=50)
        self._client = boto3.client("dynamodb", endpoint_url=url, config=config)

    def call(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = self._client._make_api_call(operation, dict(body))
        except ClientError as error:
            raise AwsError(error.response["Error"]["Code"], error.response) from error
        return answer


def at_once(action: Callable[[int], Result], threads: int = 50) -> list[Result]:
    barrier = threading.Barrier(threads)

    def one(number: int) -> Result:
        barrier.wait()
        return action(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


class Sessions(Store, Revocations, Protocol):
    """Both ports of the table that sessions need."""


class DynamoDBSessions(DynamoDBStore, DynamoDBRevocations):
    """Both, over one client."""


class MemorySessions(MemoryStore, MemoryRevocations):
    """Both, over one double."""

    def __init__(self) -> None:
        table = MemoryTable()
        MemoryStore.__init__(self, table)
        MemoryRevocations.__init__(self, table)

    def _called(self, verb: str = "") -> Any:
        return self.table.lock
