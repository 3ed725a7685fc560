"""What is in the AWS account already, so that nobody has to look it up: who asks, certificates, zones."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.aws import Service, how_to_sign_in
from cli.problems import Problem
from passerelle.adapters.aws import AwsError

CLOUDFRONTS_REGION = "us-east-1"
"""Where CloudFront takes certificates and firewalls from."""


def account_id() -> str:
    """Return whose credentials these are; raises `Problem` that says how to get some."""
    try:
        return str(Service("sts", region=CLOUDFRONTS_REGION).ask("GetCallerIdentity")["Account"])
    except Problem as problem:
        raise type(problem)(how_to_sign_in(str(problem))) from None


def is_region(name: str) -> bool:
    """Whether there is such a region, as far as boto3 knows."""
    import boto3

    return name in boto3.Session().get_available_regions("lambda")


def is_stuck(stack: str, region: str) -> bool:
    """Whether a first deployment failed, so that nothing can become of the stack any more."""
    try:
        answer = Service("cloudformation", region=region).call("DescribeStacks", {"StackName": stack})
    except AwsError:
        return False
    return answer["Stacks"][0]["StackStatus"] in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")


def certificate_for(domain: str, region: str) -> str:
    """Return the ARN of an issued certificate for a host name, or empty."""
    acm = Service("acm", region=region)
    for page in _pages(
        acm, "ListCertificates", {"CertificateStatuses": ["ISSUED"]}, "NextToken", "NextToken"
    ):
        for each in page["CertificateSummaryList"]:
            names = {each.get("DomainName", ""), *each.get("SubjectAlternativeNameSummaries", [])}
            if names & {domain, f"*.{domain.partition('.')[2]}"}:
                return str(each["CertificateArn"])
    return ""


def zone_of(domain: str) -> str:
    """Return the id of the nearest public hosted zone at Route 53 that a host name lies in, or empty."""
    route53 = Service("route53", region=CLOUDFRONTS_REGION)
    zones = [
        (each["Name"].rstrip("."), each["Id"].rpartition("/")[2])
        for page in _pages(route53, "ListHostedZones", {}, "NextMarker", "Marker")
        for each in page["HostedZones"]
        if not each["Config"]["PrivateZone"]
    ]
    above = [zone for zone in zones if f".{domain}".endswith(f".{zone[0]}")]
    return max(above, key=lambda zone: len(zone[0]))[1] if above else ""


def _pages(
    service: Service, operation: str, arguments: Mapping[str, Any], told: str, asked: str
) -> Iterator[Mapping[str, Any]]:
    page = service.ask(operation, **arguments)
    yield page
    while page.get(told):
        page = service.ask(operation, **arguments, **{asked: page[told]})
        yield page
