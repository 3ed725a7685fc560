"""Every alarm rings when it has to, on metrics that are really counted, and for nothing else."""

import re
from collections.abc import Callable

import pytest

from local.gateway import load
from passerelle import runtime
from passerelle.errors import BearerRefused, InvalidRequest, PasserelleError, ProviderUnavailable
from passerelle.otp.events import take
from tests.observe.catalogue import TEXT
from tests.observe.cloudwatch import Metric, Metrics, metrics_of
from tests.observe.looks import look
from tests.observe.template import (
    ALARMS,
    FILTER,
    NAMESPACE,
    TRANSLATED,
    access_log_line,
    assert_exists,
    translated,
)
from tests.observe.test_metrics_catalogue import BY_FOLDER, EVENT
from tests.support.doubles import NOW, SECRETS, make_world
from tests.support.journal import Json, collected
from tests.unit.journey import make_signing_world, sign_in
from tests.unit.sending import SIGNING_KEY, ask, signed

Happen = Callable[[Metrics], None]


def lines_of(action: Callable[[], object]) -> Happen:
    """What the functions' own lines count while something happens."""

    def happen(metrics: Metrics) -> None:
        with collected() as lines:
            action()
        metrics.add_lines(lines, NAMESPACE)

    return happen


def of_aws(namespace: str, name: str, dimension: tuple[str, str], *values: float) -> Happen:
    return lambda metrics: metrics.add(Metric(namespace, name, frozenset([dimension])), *values)


def both(*happen: Happen) -> Happen:
    def together(metrics: Metrics) -> None:
        for each in happen:
            each(metrics)

    return together


def again(times: int, happen: Happen) -> Happen:
    def periods(metrics: Metrics) -> None:
        for _ in range(times):
            metrics.next_period()
            happen(metrics)

    return periods


def sign_ins(finished: int, failed: int, refused: int = 0) -> Happen:
    def happen() -> None:
        for _ in range(finished):
            sign_in(*make_signing_world())
        fail("callback", ProviderUnavailable(), failed)
        fail("callback", InvalidRequest(), refused)

    return lines_of(happen)


def fail(function: str, error: PasserelleError, times: int) -> None:
    def services(*_: object) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "services", services)
        for _ in range(times):
            load(BY_FOLDER[function])(EVENT, None)  # type: ignore[arg-type]


def messages(sent: int, failed: int, budget: int = 1000) -> Happen:
    def happen() -> None:
        world = make_world(SEND_BUDGET=str(budget))
        for number in range(sent):
            ask(world, to=f"{number}@example.com")
        fail("send_otp", BearerRefused(), failed)

    return lines_of(happen)


def told_by_mailgun(delivered: int, bounced: int) -> Happen:
    def happen() -> None:
        world = make_world()
        world.secrets.put("mailgun", dict(SECRETS["mailgun"]) | {"webhookSigningKey": SIGNING_KEY})
        bounce = {"event": "failed", "severity": "permanent", "reason": "bounce"}
        for number in range(delivered + bounced):
            event = {"event": "delivered"} if number < delivered else bounce
            data = {"timestamp": NOW, "recipient": f"{number}@example.com"}
            take(world.services, signed(data | event, token=f"{number:050}"), NOW)

    return lines_of(happen)


def turned_away(count: int, **values: str) -> Happen:
    return lambda metrics: metrics.filter([access_log_line(**values)] * count, FILTER)


API = ("ApiId", "Api")
QUEUE = ("QueueName", "EventsDeadLetterQueue.QueueName")
BY_ROUTE, BY_LAMBDA = (
    {"status": "429", "integrationStatus": "-"},
    {"status": "503", "integrationStatus": "429"},
)


def api(requests: int, faults: int) -> Happen:
    answers = [1.0] * faults + [0.0] * (requests - faults)
    return both(
        of_aws("AWS/ApiGateway", "5xx", API, *answers),
        of_aws("AWS/ApiGateway", "Count", API, *[1.0] * requests),
    )


def latency(*milliseconds: float) -> Happen:
    return of_aws("AWS/ApiGateway", "Latency", API, *milliseconds)


def looks(failed: int) -> Happen:
    return lines_of(lambda: look(failed))


RINGS: dict[str, list[Happen]] = {
    "ErrorsAlarm": [api(10, 5), api(100, 6)],
    "SignInsFailAlarm": [sign_ins(0, 3), sign_ins(5, 3, refused=9)],
    "MessagesFailAlarm": [messages(0, 3), messages(5, 3)],
    "BouncesAlarm": [told_by_mailgun(0, 5), told_by_mailgun(60, 5)],
    "SlowAlarm": [again(3, latency(*[20.0] * 98, 6000, 6000))],
    "ThrottlesAlarm": [turned_away(10, **BY_ROUTE), turned_away(10, **BY_LAMBDA)],
    "HealthAlarm": [again(2, looks(1)), again(2, looks(3))],
    "SendBudgetAlarm": [messages(3, 0, budget=2)],
    "EventsLostAlarm": [of_aws("AWS/SQS", "ApproximateNumberOfMessagesVisible", QUEUE, 0, 1)],
}
IS_SILENT: dict[str, list[Happen]] = {
    "ErrorsAlarm": [api(4, 4), api(1000, 50)],
    "SignInsFailAlarm": [sign_ins(0, 2), sign_ins(9, 3), sign_ins(0, 0, refused=50)],
    "MessagesFailAlarm": [messages(0, 2), messages(9, 3)],
    "BouncesAlarm": [told_by_mailgun(0, 4), told_by_mailgun(95, 5)],
    "SlowAlarm": [again(2, latency(6000)), again(3, latency(*[20.0] * 99, 6000))],
    "ThrottlesAlarm": [
        turned_away(9, **BY_ROUTE),
        turned_away(99, status="429", integrationStatus="200"),
        turned_away(99, status="200", integrationStatus="200"),
    ],
    "HealthAlarm": [again(2, looks(0)), both(again(1, looks(1)), again(1, looks(0)))],
    "SendBudgetAlarm": [messages(3, 3, budget=3)],
    "EventsLostAlarm": [of_aws("AWS/SQS", "ApproximateNumberOfMessagesVisible", QUEUE, 0, 0)],
}


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_rings_when_it_has_to_and_stops(name: str) -> None:
    for happen in RINGS[name]:
        metrics = Metrics()
        happen(metrics)
        assert metrics.state(ALARMS[name]) == "ALARM"
        metrics.next_period()
        looks(0)(metrics)
        assert metrics.state(ALARMS[name]) == "OK"


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_is_silent_for_less(name: str) -> None:
    for happen in IS_SILENT[name]:
        metrics = Metrics()
        happen(metrics)
        assert metrics.state(ALARMS[name]) == "OK"


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_of_a_stack_that_nobody_uses_is_silent(name: str) -> None:
    """But for the look on a schedule, which is taken there, too: its absence is a fault."""
    metrics = Metrics()
    assert metrics.state(ALARMS[name]) == ("ALARM" if name == "HealthAlarm" else "OK")
    again(2, looks(0))(metrics)
    assert metrics.state(ALARMS[name]) == "OK"


def test_two_looks_that_were_not_taken_are_a_fault_and_one_is_not() -> None:
    metrics = Metrics()
    again(2, looks(0))(metrics)
    metrics.next_period()
    assert metrics.state(ALARMS["HealthAlarm"]) == "OK"
    metrics.next_period()
    assert metrics.state(ALARMS["HealthAlarm"]) == "ALARM"


@pytest.mark.parametrize("minutes", [1, 5, 10, 15, 30, 60])
def test_a_period_is_the_time_between_two_looks(minutes: int) -> None:
    alarms = translated(HealthCheckMinutes=str(minutes)).resources("AWS::CloudWatch::Alarm")
    assert alarms["HealthAlarm"]["Period"] == 60 * minutes


@pytest.mark.parametrize("name", ALARMS)
def test_what_an_alarm_looks_at_exists(name: str) -> None:
    for namespace, metric, dimensions in metrics_of(ALARMS[name]):
        assert_exists(namespace, metric, dict(dimensions))


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_what_it_means_and_what_to_do(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [TRANSLATED.arn("Alarms")]
    assert "First" in alarm["AlarmDescription"] or "first" in alarm["AlarmDescription"]
    assert len(alarm["AlarmDescription"]) <= 1024
    assert f"| `{name}` |" in TEXT


def test_the_document_has_no_alarm_that_is_not_there() -> None:
    assert set(re.findall(r"^\| `(\w+Alarm)` \|", TEXT, re.M)) == ALARMS.keys()


def test_an_address_is_subscribed_where_one_is_given() -> None:
    def subscriptions(email: str) -> list[Json]:
        return list(translated(AlarmEmail=email).resources("AWS::SNS::Subscription").values())

    assert subscriptions("") == []
    [subscription] = subscriptions("ops@example.com")
    assert subscription == {
        "TopicArn": TRANSLATED.arn("Alarms"),
        "Protocol": "email",
        "Endpoint": "ops@example.com",
    }
