"""A log line that carries a metric is one that CloudWatch reads as such."""

import json

import pytest

from passerelle import log, metrics
from tests.support.journal import Json


def test_a_line_is_in_the_embedded_metric_format(journal: list[Json]) -> None:
    log.info("message_accepted", type="SignIn", **metrics.count("Messages", outcome="accepted"))
    [line] = journal
    embedded = line["_aws"]
    assert isinstance(embedded["Timestamp"], int)
    [directive] = embedded["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["outcome"]]
    [definition] = directive["Metrics"]
    assert definition == {"Name": "Messages", "Unit": "Count"}
    assert (line["Messages"], line["outcome"], line["type"]) == (1, "accepted", "SignIn")
    assert json.dumps(line)


def test_a_metric_without_dimensions_has_an_empty_set_of_them() -> None:
    line = metrics.count("SecondsToDelivery", 1.5, "Seconds")
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[]]
    assert line["SecondsToDelivery"] == 1.5


def test_the_namespace_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_namespace", metrics._namespace)
    metrics.configure("Passerelle/staging")
    assert metrics.count("Messages")["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Passerelle/staging"


def test_a_line_can_count_several_metrics() -> None:
    delivered = metrics.count("Messages", outcome="delivered")
    line = metrics.together(delivered, metrics.count("SecondsToDelivery", 1.5, "Seconds"))
    names = [directive["Metrics"][0]["Name"] for directive in line["_aws"]["CloudWatchMetrics"]]
    assert names == ["Messages", "SecondsToDelivery"]
    assert (line["Messages"], line["outcome"], line["SecondsToDelivery"]) == (1, "delivered", 1.5)
