"""What the template says of watching, as CloudFormation gets it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.observe.catalogue import documented
from tests.support.journal import Json
from tests.support.translated import Translated

ROOT = Path(__file__).parents[2]
NAMESPACE = "Passerelle/passerelle"
KNOWN_OF_AWS: Mapping[tuple[str, str], tuple[str, ...]] = {
    # docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    ("AWS/ApiGateway", "Count"): ("ApiId",),
    ("AWS/ApiGateway", "4xx"): ("ApiId",),
    ("AWS/ApiGateway", "5xx"): ("ApiId",),
    ("AWS/ApiGateway", "Latency"): ("ApiId",),
    # docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    ("AWS/Lambda", "Duration"): ("FunctionName",),
    ("AWS/Lambda", "Errors"): ("FunctionName",),
    ("AWS/Lambda", "Throttles"): ("FunctionName",),
    # docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    ("AWS/DynamoDB", "ReadThrottleEvents"): ("TableName",),
    ("AWS/DynamoDB", "WriteThrottleEvents"): ("TableName",),
    # docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): ("QueueName",),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): ("QueueName",),
}
"""Metrics that the services publish by themselves, and the dimensions of theirs that we name."""


def translated(**parameters: str) -> Translated:
    """The template with these parameters."""
    return Translated(ROOT / "template.yaml", {"LogtoIssuer": "https://id.example/oidc", **parameters})


TRANSLATED = translated()
ALARMS: dict[str, Json] = TRANSLATED.resources("AWS::CloudWatch::Alarm")
[FILTER] = TRANSLATED.resources("AWS::Logs::MetricFilter").values()
[_DASHBOARD] = TRANSLATED.resources("AWS::CloudWatch::Dashboard").values()
WIDGETS: list[Json] = json.loads(_DASHBOARD["DashboardBody"])["widgets"]


def assert_exists(namespace: str, name: str, dimensions: Mapping[str, str]) -> None:
    """There is such a metric: functions count it, or AWS does."""
    if namespace != NAMESPACE:
        assert KNOWN_OF_AWS[namespace, name] == tuple(dimensions)
        return
    [(dimension, value)] = dimensions.items() or [("", "")]
    counted = {(each.name, each.dimension, each.value) for each in documented()}
    assert (name, dimension, value) in counted


def access_log_line(**values: str) -> str:
    """A line of the access log, with these values in place of API Gateway's."""
    [stage] = TRANSLATED.resources("AWS::ApiGatewayV2::Stage").values()
    written: Any = stage["AccessLogSettings"]["Format"]
    return re.sub(r"\$context\.([\w.]+)", lambda match: values.get(match[1], "x"), written)
