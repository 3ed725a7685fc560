"""What the AWS adapters share: a client with time limits that fit inside a Lambda invocation."""

from functools import cache
from typing import Any


@cache
def client(service: str, endpoint_url: str | None) -> Any:
    """Build a boto3 client; importing boto3 costs more than the rest of a cold start, so it waits for use."""
    import boto3
    from botocore.config import Config

    limits = Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=50,
    )
    return boto3.client(service, endpoint_url=endpoint_url, config=limits)
