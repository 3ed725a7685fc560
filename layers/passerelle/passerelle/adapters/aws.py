"""Calls to DynamoDB and Secrets Manager, signed here (see `signature`) and sent by `transport`."""

import json
import os
import random
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any, Protocol

from passerelle.adapters.signature import Credentials, signed_headers
from passerelle.adapters.transport import Limits, NoAnswer, request

LIMITS = Limits(connect=1.0, read=2.0, total=2.5)
TRIES = 3
TOTAL_SECONDS = 5.0
"""For a call with its repetitions."""

_PAUSE_SECONDS = 0.1
_RENEW_SECONDS = 300

_PASSING = frozenset(
    {
        "InternalServerError",
        "InternalServiceError",
        "InternalFailure",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Error codes that say: the same again, a little later."""


class AwsError(Exception):
    """The service refused, or did not answer (`NoAnswer`): its error code, and the body of its answer."""

    def __init__(self, code: str, body: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.body: Mapping[str, Any] = body or {}


class Caller(Protocol):
    """Calls operations of one service; raises `AwsError`."""

    def call(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call one."""


class Client:
    """One service, spoken to in its JSON protocol."""

    def __init__(self, service: str, target_prefix: str, content_type: str, endpoint_url: str) -> None:
        self._service, self._prefix, self._content_type = service, target_prefix, content_type
        self._endpoint_url = endpoint_url

    def call(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call an operation; raises `AwsError`.

        Passing faults and lost answers are repeated with a pause, so that every call must bear being done
        twice; the callers see to that by conditions and tokens.
        """
        payload = json.dumps(body).encode()
        deadline = time.monotonic() + TOTAL_SECONDS
        for remaining in reversed(range(TRIES)):
            try:
                return self._try(operation, payload, deadline)
            except AwsError as error:
                is_passing = error.code in _PASSING or error.code == NoAnswer.__name__
                if not is_passing or not remaining or time.monotonic() + _PAUSE_SECONDS >= deadline:
                    raise
                time.sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311
        raise AssertionError

    def _try(self, operation: str, payload: bytes, deadline: float) -> Mapping[str, Any]:
        region = os.environ["AWS_REGION"]
        url = self._endpoint_url or f"https://{self._service}.{region}.{_domain(region)}/"
        headers = {"content-type": self._content_type, "x-amz-target": f"{self._prefix}.{operation}"}
        signed = signed_headers(url, headers, payload, _credentials(), region, self._service, time.time())
        limits = LIMITS._replace(total=min(LIMITS.total, deadline - time.monotonic()))
        try:
            answer = request("POST", url, signed, payload, limits)
        except NoAnswer:
            raise AwsError(NoAnswer.__name__) from None
        return _judged(answer.status, answer.body)


def dynamodb(endpoint_url: str) -> Client:
    """Return a client for DynamoDB."""
    return Client("dynamodb", "DynamoDB_20120810", "application/x-amz-json-1.0", endpoint_url)


def secrets_manager(endpoint_url: str) -> Client:
    """Return a client for Secrets Manager."""
    return Client("secretsmanager", "secretsmanager", "application/x-amz-json-1.1", endpoint_url)


def sqs(endpoint_url: str) -> Client:
    """Return a client for SQS."""
    return Client("sqs", "AmazonSQS", "application/x-amz-json-1.0", endpoint_url)


def _judged(status: int, body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise AwsError("ServiceUnavailable" if status >= 500 else "UnreadableAnswer")
    if status != 200:
        code = str(value.get("__type", "")).rpartition("#")[2]
        raise AwsError("InternalFailure" if status >= 500 and code not in _PASSING else code, value)
    return value


def _domain(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


_lock = Lock()
_renewed: tuple[float, Credentials] | None = None


def _credentials() -> Credentials:
    """Return the role's credentials: from the environment, or from where a restored snapshot gets them.

    Lambda puts a function's keys into the environment, but with SnapStart behind a local endpoint, since keys
    that lay in a snapshot would have expired.
    """
    if "AWS_ACCESS_KEY_ID" in os.environ:
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        return Credentials(*(os.environ.get(name, "") for name in names))
    global _renewed
    with _lock:
        if _renewed is None or time.time() > _renewed[0] - _RENEW_SECONDS:
            _renewed = _fetch_credentials()
        return _renewed[1]


def forget() -> None:
    """Forget credentials that were fetched."""
    global _renewed
    with _lock:
        _renewed = None


def _fetch_credentials() -> tuple[float, Credentials]:
    from datetime import datetime

    try:
        url = os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        headers = {"authorization": os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]}
        value = json.loads(request("GET", url, headers, None, LIMITS, repeatable=True).body)
        credentials = Credentials(value["AccessKeyId"], value["SecretAccessKey"], value["Token"])
        expires_at = datetime.fromisoformat(value["Expiration"].replace("Z", "+00:00")).timestamp()
    except (NoAnswer, KeyError, TypeError, ValueError):
        raise AwsError("CredentialsUnavailable") from None
    return expires_at, credentials
