"""With and without a domain, its zone, a certificate, CloudFront, alarms by e-mail: the stack is whole."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from local.stack import ROOT, TEMPLATE
from local.template import Template
from passerelle.front import HEADER
from tests.architecture.test_template import RESOURCES, _Loader
from tests.support.cloudformation import PATHS
from tests.support.translated import Translated
from tests.support.variants import Variant, broken_rules, variant

ACCOUNT = "123456789012"
NOTHING: dict[str, str] = {}
DOMAIN = {"DomainName": "auth.example.com"}
ZONE = {"HostedZoneId": "Z0123456789"}
CERTIFICATE = {"CertificateArn": f"arn:aws:acm:eu-central-1:{ACCOUNT}:certificate/a"}
FRONT = {
    "WebAclArn": f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/a/b",
    "FrontCertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/b",
    "FrontSecretArn": f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:front-abcdef",
}
CHECKED = {"FrontSecretSha256": "0" * 64}
ALARM = {"AlarmEmail": "operator@example.com"}
OTHER = {"PublicBaseUrl": "https://www.example.org"}
NAMED = [DOMAIN | ZONE, DOMAIN | CERTIFICATE, DOMAIN | ZONE | CERTIFICATE]

ALLOWED = [NOTHING, ALARM, OTHER, *(domain | front for domain in NAMED for front in (NOTHING, FRONT))]
ALLOWED.append(DOMAIN | ZONE | FRONT | CHECKED | ALARM | OTHER)
UNIQUE = {
    "AWS::CloudFront::OriginRequestPolicy": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::SecretsManager::Secret": "Name",
}
"""Properties that give a resource a name of which there is one in an account and region, or in an account."""


@pytest.mark.parametrize("parameters", ALLOWED, ids=lambda parameters: "+".join(parameters) or "nothing")
def test_nothing_refers_to_what_is_not_there(parameters: Mapping[str, str]) -> None:
    built = variant(parameters)
    assert not broken_rules(built.translated)
    assert len(built.of_type("AWS::Lambda::Function")) >= 10
    assert not built.dangling()


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        (DOMAIN, "DomainName needs CertificateArn"),
        (FRONT, "WebAclArn needs DomainName"),
        (DOMAIN | ZONE | {"WebAclArn": FRONT["WebAclArn"]}, "WebAclArn needs FrontCertificateArn"),
        (DOMAIN | ZONE | {"WebAclArn": FRONT["WebAclArn"]}, "WebAclArn needs FrontSecretArn"),
        (DOMAIN | ZONE | CHECKED, "would refuse everybody"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_made(
    parameters: Mapping[str, str], complaint: str
) -> None:
    translated = Translated(TEMPLATE, {"LogtoIssuer": "https://id.example/oidc", **parameters})
    assert any(complaint in said for said in broken_rules(translated))


@pytest.mark.parametrize(
    ("parameters", "origin"),
    [
        (NOTHING, ""),
        (OTHER, "https://www.example.org"),
        (DOMAIN | ZONE, "https://auth.example.com"),
        (DOMAIN | ZONE | FRONT, "https://auth.example.com"),
        (DOMAIN | ZONE | OTHER, "https://www.example.org"),
    ],
)
def test_functions_and_outputs_agree_on_where_browsers_are(
    parameters: Mapping[str, str], origin: str
) -> None:
    built = variant(parameters)
    assert built.origin() == origin
    shown = built.translated.resolve({name: output["Value"] for name, output in built.outputs.items()})
    public = shown["PublicUrl"]
    assert public == (origin or shown["ApiUrl"])
    assert {name: shown[name] for name in PATHS} == {name: public + path for name, path in PATHS.items()}


@pytest.mark.parametrize(("parameters", "makes"), list(zip(NAMED, [True, False, False], strict=True)))
def test_a_certificate_is_made_where_none_is_given(parameters: Mapping[str, str], makes: bool) -> None:
    built = variant(parameters)
    assert ("Certificate" in built.resources) is makes
    [domain] = built.of_type("AWS::ApiGatewayV2::DomainName")
    [configuration] = domain["DomainNameConfigurations"]
    assert configuration["CertificateArn"] == {"Ref": "Certificate" if makes else "CertificateArn"}
    assert configuration["SecurityPolicy"] == "TLS_1_2"
    records = built.of_type("AWS::Route53::RecordSet")
    assert [record["Type"] for record in records] == (["A", "AAAA"] if "HostedZoneId" in parameters else [])


@pytest.mark.parametrize("front", [NOTHING, FRONT])
def test_the_domain_and_nothing_else_leads_to_what_stands_in_front(front: dict[str, str]) -> None:
    built = variant(DOMAIN | ZONE | front)
    meant = {"Fn::GetAtt": ["Front" if front else "Domain", "DomainName" if front else "RegionalDomainName"]}
    for record in built.of_type("AWS::Route53::RecordSet"):
        assert record["AliasTarget"]["DNSName"] == meant
    assert built.outputs["DnsTarget"]["Value"] == meant
    [server] = built.resources["Api"]["Properties"]["Body"]["servers"]
    assert server["x-amazon-apigateway-endpoint-configuration"] == {"disableExecuteApiEndpoint": bool(front)}
    assert ("ApiUrl" in built.outputs) is not bool(front)


def test_cloudfront_passes_everything_on_and_keeps_nothing() -> None:
    built, config = _front()
    behaviour = config["DefaultCacheBehavior"]
    assert "CacheBehaviors" not in config
    assert {route.method for route in Template(TEMPLATE, {"LogtoIssuer": "x"}).routes()} <= set(
        behaviour["AllowedMethods"]
    )
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    [policy] = built.of_type("AWS::CloudFront::OriginRequestPolicy")
    forwards = policy["OriginRequestPolicyConfig"]
    assert forwards["HeadersConfig"]["HeaderBehavior"] == "allViewerAndWhitelistCloudFront"
    assert forwards["CookiesConfig"] == {"CookieBehavior": "all"}
    assert forwards["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    kept = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in config["CustomErrorResponses"]}
    assert kept == dict.fromkeys([400, 403, 404, 405, 414, 500, 501, 502, 503, 504], 0)
    assert "Logging" not in config, "its lines hold the query, and so the code of a sign-in"


def test_cloudfront_proves_itself_by_a_secret_that_no_template_holds() -> None:
    _, config = _front()
    [origin] = config["Origins"]
    assert origin["DomainName"] == {"Fn::GetAtt": ["Domain", "RegionalDomainName"]}
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    [header] = origin["OriginCustomHeaders"]
    assert header["HeaderName"] == HEADER
    assert header["HeaderValue"]["Fn::Sub"].startswith("{{resolve:secretsmanager:")
    assert config["ViewerCertificate"]["MinimumProtocolVersion"].startswith("TLSv1.2")
    assert config["WebACLId"] == {"Ref": "WebAclArn"}


def test_two_stacks_in_one_account_share_no_name() -> None:
    built = variant(DOMAIN | ZONE | FRONT | CHECKED | ALARM)
    for logical_id, resource in built.resources.items():
        name = _name(resource)
        assert name is None or "${AWS::StackName}" in str(name) or "AWS::StackName" in str(name), logical_id
    assert not [output for output in built.outputs.values() if "Export" in output]


def test_what_must_not_be_lost_outlives_the_stack_and_is_in_nobodys_way() -> None:
    """A stack of the same name can be deployed again: what was left has a name that no other gets."""
    kept = {
        name: resource
        for name, resource in variant(NOTHING).resources.items()
        if resource["Type"] in {"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret"}
    }
    assert kept.keys() == {"Table", "LogtoSecret", "MailgunSecret", "ConnectorSecret", "KeysSecret"}
    for resource in kept.values():
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
        assert _name(resource) is None
    assert kept["Table"]["Properties"]["DeletionProtectionEnabled"] is True


def test_what_is_left_of_a_stack_can_be_taken_over_by_another() -> None:
    """CloudFormation imports by a template without a transform; the next update must find no difference."""
    kept = yaml.load((ROOT / "deploy/kept.yaml").read_text(), Loader=_Loader)["Resources"]  # noqa: S506
    assert kept == {name: each for name, each in RESOURCES.items() if each.get("DeletionPolicy") == "Retain"}


@pytest.mark.parametrize("snap_start", [False, True])
def test_the_api_calls_the_alias_of_a_version_which_may_be_a_snapshot(snap_start: bool) -> None:
    built = variant({"SnapStart": str(snap_start).lower()})
    aliases = built.of_type("AWS::Lambda::Alias")
    functions = built.of_type("AWS::Lambda::Function")
    assert len(aliases) == len(functions) == len(built.of_type("AWS::Lambda::Version"))
    assert {alias["Name"] for alias in aliases} == {"live"}
    wanted = {"ApplyOn": "PublishedVersions"} if snap_start else None
    assert all(function.get("SnapStart") == wanted for function in functions)
    for path in built.resources["Api"]["Properties"]["Body"]["paths"].values():
        for operation in path.values():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            assert re.search(r"functions/\$\{\w+FunctionAliaslive\}/invocations$", uri), uri


def test_names_that_are_fixed_go_with_the_stack() -> None:
    """Else the next stack of the same name would find them taken."""
    for name, resource in variant(DOMAIN | ZONE | FRONT).resources.items():
        assert _name(resource) is None or resource.get("DeletionPolicy", "Delete") == "Delete", name


def _front() -> tuple[Variant, dict[str, Any]]:
    built = variant(DOMAIN | ZONE | FRONT | CHECKED)
    [distribution] = built.of_type("AWS::CloudFront::Distribution")
    config: dict[str, Any] = distribution["DistributionConfig"]
    return built, config


def _name(resource: Mapping[str, Any]) -> Any:
    properties = resource.get("Properties", {})
    inner = properties.get("OriginRequestPolicyConfig", properties)
    return inner.get(UNIQUE.get(resource["Type"], ""))
