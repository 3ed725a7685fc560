"""`passerelle deploy`: build, and bring a stack to AWS. The first time it asks what for."""

import argparse
import re
from typing import Any, NamedTuple

from cli.aws import own_region
from cli.deploy import account, questions
from cli.deploy.sam import ROOT, Sam, find_sam
from cli.deploy.samconfig import SamConfig
from cli.problems import Problem
from cli.stack import deployed

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,40}")
_STUCK = """\
The first deployment of {stack} failed and was rolled back, and CloudFormation does nothing more with such a
stack. Remove it, and begin again:
    sam delete --stack-name {stack} --region {region}"""
_NEXT = """
The app: {url}
Next, it becomes known to Logto and Mailgun, and all of it is checked:
{region}    ./passerelle provision --stack {stack}
    ./passerelle doctor --stack {stack}"""


class Place(NamedTuple):
    """A stack that can be built and deployed: all that it takes is there."""

    stack: str
    region: str
    sam: Sam
    config: SamConfig


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "deploy",
        help="build, and deploy to AWS; asks what for the first time",
        description=f"{__doc__} Later the same stack is deployed as samconfig.toml says.",
    )
    add_options(parser)
    first = parser.add_argument_group("answers of the first time")
    first.add_argument("--region", help="region of AWS")
    first.add_argument("--issuer", metavar="URL", help="Logto; it is asked for its metadata")
    first.add_argument("--alarm-email", metavar="ADDRESS", help="where alarms go; empty for nowhere")
    first.add_argument("--domain", metavar="NAME", help="host name of the app; empty for one of AWS")
    parser.set_defaults(run=_run)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which stack it is for, whether or not it exists."""
    parser.add_argument(
        "--stack", metavar="NAME", required=True, help="name of the stack, one for each environment"
    )
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)


def config_here() -> SamConfig:
    """Return the file of this folder."""
    return SamConfig(ROOT / "samconfig.toml")


def prepared(options: argparse.Namespace) -> Place:
    """See that all is there before the first question; raises `Problem`."""
    stack, config = options.stack, config_here()
    if not _NAME.fullmatch(stack):
        raise Problem(f"--stack {stack!r}: letters, digits and hyphens, 41 at most, and a letter first")
    sam, number = find_sam(), account.account_id()
    if not config.has(stack):
        wanted = questions.ask(options)
        config.add(stack, wanted.region, wanted.parameters)
        print(f"Written into {ROOT / 'samconfig.toml'}, where more parameters may be added.")
    region = config.region(stack)
    if account.is_stuck(stack, region):
        raise Problem(_STUCK.format(stack=stack, region=region))
    print(f"Stack {stack} in {region}, account {number}.", flush=True)
    return Place(stack, region, sam, config)


def say_what_next(place: Place) -> None:
    """Show the address, and the commands that follow."""
    outputs = deployed(place.stack, place.region).outputs
    elsewhere = place.region != own_region()
    region = f"    export AWS_DEFAULT_REGION={place.region}\n" if elsewhere else ""
    parameters = place.config.parameters(place.stack)
    if "DnsTarget" in outputs and not parameters.get("HostedZoneId"):
        print(f"\nAt your DNS: {parameters.get('DomainName')} is a CNAME of {outputs['DnsTarget']}")
    print(_NEXT.format(url=outputs.get("PublicUrl", ""), stack=place.stack, region=region))


def _run(options: argparse.Namespace) -> int:
    place = prepared(options)
    place.sam.build(place.stack)
    place.sam.deploy(place.stack)
    say_what_next(place)
    return 0
