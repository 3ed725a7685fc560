"""The few questions of a first deployment. Each answer is tried out at once, and asked for again."""

import re
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from cli.aws import own_region
from cli.deploy import account
from cli.problems import Problem, Refused
from cli.services import Troubles
from passerelle.adapters.logto import Logto
from passerelle.discovery import Discovery
from passerelle.errors import Misconfigured, Unavailable

Answer = TypeVar("Answer")

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Wanted(NamedTuple):
    """What a stack is to be like."""

    region: str
    parameters: Mapping[str, str]


def ask(options: Namespace) -> Wanted:
    """Ask for what the command line leaves open; raises `Problem`, also where nobody is there to answer."""
    region = _asked("AWS region", options.region, own_region(), _region)
    issuer = _asked("Logto, such as https://tenant.logto.app", options.issuer, "", _issuer)
    email = _asked("E-mail address for alarms (empty: none)", options.alarm_email, "", _email, optional=True)
    domain = _asked(
        "Host name of the app, such as auth.example.com (empty: one of AWS)",
        options.domain,
        "",
        lambda name: _domain(name, region),
        optional=True,
    )
    given = {"LogtoIssuer": issuer, "AlarmEmail": email or "", **(domain or {})}
    return Wanted(region, {name: value for name, value in given.items() if value})


def _asked(
    question: str, given: str | None, default: str, judge: Callable[[str], Answer], optional: bool = False
) -> Answer:
    """Take the option, or else the first answer that holds."""
    if given is None and not sys.stdin.isatty():
        if not optional and not default:
            raise Problem(f"{question}? Nobody is here to answer: see `passerelle deploy --help`")
        given = default
    while given is None:
        try:
            return judge(_line(question, default))
        except Problem as problem:
            print(f"  {problem}", file=sys.stderr)
    return judge(given)


def _line(question: str, default: str) -> str:
    print(question + (f" [{default}]" if default else "") + ": ", end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt
    return line.strip() or default


def _region(name: str) -> str:
    if not account.is_region(name):
        raise Problem(f"{name!r} is no region of AWS, such as eu-central-1")
    return name


def _issuer(given: str) -> str:
    """Complete what people know of their Logto, and see whether it is there."""
    address = (given if "://" in given else f"https://{given}").rstrip("/")
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise Problem(f"{given!r} is not an address on https")
    issuer = address if parts.path else f"{address}/oidc"
    try:
        with Troubles():
            Discovery(Logto(), issuer).metadata(time.time())
    except Unavailable as error:
        raise Refused(f"no Logto is there: {error.reason}") from None
    except Misconfigured:
        raise Refused(
            f"what answers at {issuer} names itself otherwise: give its address as it does"
        ) from None
    return issuer


def _email(given: str) -> str:
    if given and not _EMAIL.fullmatch(given):
        raise Problem(f"{given!r} is not an e-mail address")
    return given


def _domain(given: str, region: str) -> dict[str, str]:
    """Find what goes with a host name: its zone, or else a certificate for it."""
    if not given:
        return {}
    name = given.lower()
    if not _HOST.fullmatch(name):
        raise Problem(f"{given!r} is not a host name, such as auth.example.com")
    zone = account.zone_of(name)
    certificate = account.certificate_for(name, region)
    if not zone and not certificate:
        raise Problem(
            f"AWS has neither a zone of {name} at Route 53 nor a certificate for it in {region}. Ask for the "
            'certificate first: docs/deploy.md, "Your own domain"'
        )
    found = {"DomainName": name, "HostedZoneId": zone, "CertificateArn": certificate}
    return {parameter: value for parameter, value in found.items() if value}
