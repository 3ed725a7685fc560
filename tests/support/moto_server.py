"""DynamoDB and Secrets Manager for tests: the local stand-in, holding what the template declares.

One request at a time, because moto's conditional writes are not atomic across threads: a test that lets fifty
writers race would then fail, or pass, for moto's reasons and not for ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from local import aws
from local.template import Template

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


class Moto(NamedTuple):
    """A running stand-in."""

    url: str
    table: str

    def client(self, service: str) -> Any:
        """A client for looking behind the adapters."""
        return boto3.client(service, endpoint_url=self.url)

    def item(self, pk: str, sk: str) -> dict[str, Any] | None:
        """One item as it lies in the table."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        answer = self.client("dynamodb").get_item(TableName=self.table, Key=key, ConsistentRead=True)
        item: dict[str, Any] | None = answer.get("Item")
        return item


@contextmanager
def serve() -> Iterator[Moto]:
    """Serve the template's table and secrets on a free port."""
    server = aws.serve("127.0.0.1", 0)
    server.start()
    template = Template(TEMPLATE)
    aws.fill(template, server.url, {})
    try:
        yield Moto(server.url, template.tables()[0].name)
    finally:
        aws.reset(server.url)
        server.close()


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    """The stand-in, for one module."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.CREDENTIALS.items():
            patch.setenv(name, value)
        patch.setenv("AWS_REGION", aws.REGION)
        with serve() as running:
            yield running
