"""`passerelle firewall`: CloudFront and a web application firewall in front of a stack with its own domain.

In four steps, so that nobody is refused meanwhile: the firewall in us-east-1, a secret by which functions
know CloudFront, CloudFront itself, and at last functions that answer nobody else. Run again, it goes on.
"""

import argparse
import json
import secrets
from hashlib import sha256
from typing import Any, NamedTuple

from cli.aws import Service
from cli.deploy import account
from cli.deploy.command import Place, add_options, config_here, prepared, say_what_next
from cli.problems import Problem, Refused
from cli.stack import deployed
from passerelle.adapters.aws import AwsError
from passerelle.ports import Clock
from passerelle.runtime import SystemClock

DNS_SECONDS = 600
"""How long to wait for DNS to lead visitors to CloudFront; at Route 53 it takes a minute."""

_EVERY = 10

_SHORTEST = 32
"""Characters of the token: its SHA-256 is a parameter, which more people may read and try words against."""


class FrontSecret(NamedTuple):
    """The secret that CloudFront sends along: where it is, and its SHA-256."""

    arn: str
    digest: str


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "firewall", help="put CloudFront with a firewall in front of a stack", description=__doc__
    )
    add_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    _demand_domain(options)
    place = prepared(options)
    outputs = _guarded(place)
    named = place.config.parameters(place.stack).get("FrontSecretArn", "")
    secret = front_secret(place.stack, place.region, named)
    place.config.set(place.stack, {**outputs, "FrontSecretArn": secret.arn})
    place.sam.build(place.stack)
    place.sam.deploy(place.stack)
    say_what_next(place)
    _wait_for_dns(place.config.parameters(place.stack)["DomainName"], SystemClock())
    place.config.set(place.stack, {"FrontSecretSha256": secret.digest})
    place.sam.deploy(place.stack)
    print(f"\nFrom now on {place.stack} answers nobody but CloudFront.")
    return 0


def _demand_domain(options: argparse.Namespace) -> None:
    config = config_here()
    if not config.has(options.stack):
        raise Problem(
            f"{options.stack} is not in samconfig.toml: `make deploy STACK={options.stack}` comes first"
        )
    if not config.parameters(options.stack).get("DomainName"):
        raise Problem(
            f"{options.stack} has no domain of its own, which this takes: add DomainName to it in "
            'samconfig.toml, see docs/deploy.md, "Your own domain"'
        )


def _guarded(place: Place) -> dict[str, str]:
    """Deploy the firewall; return the parameters with which the stack stands behind it."""
    guard, parameters = f"{place.stack}-firewall", place.config.parameters(place.stack)
    if not place.config.has(guard):
        domain, zone = parameters["DomainName"], parameters.get("HostedZoneId", "")
        certificate = account.certificate_for(domain, account.CLOUDFRONTS_REGION)
        if not zone and not certificate:
            raise Problem(
                f"CloudFront wants a certificate for {domain} in {account.CLOUDFRONTS_REGION}, and there is "
                'none: see docs/deploy.md, "Your own domain"'
            )
        found = {"DomainName": domain, "HostedZoneId": zone, "CertificateArn": certificate}
        place.config.add(
            guard,
            account.CLOUDFRONTS_REGION,
            {name: value for name, value in found.items() if value},
            template_file="deploy/firewall.yaml",
        )
    place.sam.deploy(guard)
    stack = deployed(guard, account.CLOUDFRONTS_REGION)
    return {name: stack.output(name) for name in ("WebAclArn", "FrontCertificateArn")}


def front_secret(stack: str, region: str, named: str = "") -> FrontSecret:
    """Return the stack's secret for CloudFront, by its ARN if it has one; raises `Problem`.

    A new one is made for a stack that has none yet: functions would refuse what comes with any other.
    """
    manager, name = Service("secretsmanager", region=region), named or f"{stack}/front"
    try:
        found = manager.call("GetSecretValue", {"SecretId": name})
        token = json.loads(found["SecretString"])["token"]
    except AwsError as error:
        if named or error.code != "ResourceNotFoundException":
            raise Problem(
                f"the secret {name}: {error.code}. Deleted lately? `aws secretsmanager restore-secret`"
            ) from None
        token = secrets.token_urlsafe(36)
        text = json.dumps({"token": token})
        found = manager.ask(
            "CreateSecret", Name=name, Description=f"By it {stack} knows CloudFront", SecretString=text
        )
    except (ValueError, KeyError, TypeError):
        raise Problem(f'the secret {name} is not {{"token": "…"}}') from None
    if not isinstance(token, str) or len(token) < _SHORTEST:
        raise Problem(f"the token of the secret {name} has to be a text of {_SHORTEST} characters or more")
    return FrontSecret(found["ARN"], sha256(token.encode()).hexdigest())


def _wait_for_dns(domain: str, clock: Clock) -> None:
    """Wait until a visitor of the domain comes to CloudFront; raises `Refused`."""
    deadline = clock.now() + DNS_SECONDS
    print(f"\nWaiting until {domain} leads to CloudFront…", flush=True)
    while not passes_cloudfront(f"https://{domain}/session"):
        if clock.now() > deadline:
            raise Refused(
                f"{domain} does not lead to CloudFront yet. When it does, run the same command again; until "
                "then the stack answers others, too"
            )
        clock.sleep(_EVERY)


def passes_cloudfront(url: str) -> bool:
    """Whether an answer from there came through CloudFront."""
    import httpx

    try:
        return "x-amz-cf-id" in httpx.get(url, timeout=10).headers
    except httpx.HTTPError:
        return False
