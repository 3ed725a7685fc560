"""The firewall for CloudFront counts callers, leaves Logto and Mailgun alone, and keeps no request."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from local.stack import ROOT, TEMPLATE
from local.template import Template
from tests.architecture.test_template import _Loader

FIREWALL: dict[str, Any] = yaml.load((ROOT / "deploy/firewall.yaml").read_text(), Loader=_Loader)  # noqa: S506
WEB_ACL = FIREWALL["Resources"]["WebAcl"]["Properties"]
RULES = {rule["Name"]: rule for rule in WEB_ACL["Rules"]}
ROUTES = {route.path: route.method for route in Template(TEMPLATE, {"LogtoIssuer": "x"}).routes()}
OF_SERVICES = {"/send-otp", "/backchannel-logout", "/webhooks/logto", "/webhooks/mailgun"}


def order(kind: str) -> list[int]:
    return [rule["Priority"] for rule in RULES.values() if kind in str(rule)]


def test_callers_are_counted_before_anybody_is_let_through_and_judged_afterwards() -> None:
    [allowed] = order("'Allow'")
    assert max(order("RateBasedStatement")) < allowed < min(order("ManagedRuleGroupStatement"))
    assert len(order("ManagedRuleGroupStatement")) == 3


def test_logto_and_mailgun_and_nobody_else_are_let_through_unjudged() -> None:
    pattern = RULES["services"]["Statement"]["RegexMatchStatement"]["RegexString"]
    assert ROUTES.keys() >= OF_SERVICES
    assert {path for path in ROUTES if re.search(pattern, path)} - {"/health"} == OF_SERVICES
    for other in ("/send-otp/x", "/x/send-otp", "/webhooks/other", "/send-otp%0a"):
        assert not re.search(pattern, other)


def test_what_begins_a_sign_in_and_what_sends_mail_have_limits_of_their_own() -> None:
    sign_in = RULES["sign-in"]["Statement"]["RateBasedStatement"]["ScopeDownStatement"]["RegexMatchStatement"]
    assert {path for path in ROUTES if re.search(sign_in["RegexString"], path)} == {"/login", "/callback"}
    send = RULES["send-otp"]["Statement"]["RateBasedStatement"]["ScopeDownStatement"]["ByteMatchStatement"]
    assert send["SearchString"] == "/send-otp"
    for rule in ("requests", "sign-in", "send-otp"):
        assert RULES[rule]["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429


def test_no_request_is_kept_since_it_may_hold_a_code_or_a_cookie() -> None:
    settings = list(_visibility(WEB_ACL))
    assert len(settings) == len(RULES) + 1
    assert not any(each["SampledRequestsEnabled"] for each in settings)
    kinds = {resource["Type"] for resource in FIREWALL["Resources"].values()}
    assert kinds == {"AWS::WAFv2::WebACL", "AWS::CertificateManager::Certificate"}


def test_two_firewalls_do_not_share_their_metrics() -> None:
    """WAF's metrics are by the name of the metric, and never by the firewall's."""
    assert WEB_ACL["VisibilityConfig"]["MetricName"] == {"Ref": "AWS::StackName"}
    assert not [name for name in RULES if name.lower() in ("all", "default_action")]


def test_its_outputs_are_the_parameters_of_the_stack_that_it_guards() -> None:
    document = yaml.load(TEMPLATE.read_text(), Loader=_Loader)  # noqa: S506
    assert FIREWALL["Outputs"].keys() <= document["Parameters"].keys()


def _visibility(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from _visibility(each)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "VisibilityConfig":
                yield inner
            yield from _visibility(inner)
