"""What a finding means, whom it touches, and what to do about it now: read at three in the morning."""

from collections.abc import Mapping
from typing import NamedTuple

from cli.doctor import advice_aws, advice_logto, advice_mailgun
from cli.terminal import in_one_line
from passerelle.health.findings import Finding

TEXTS: Mapping[str, tuple[str, str, str]] = {**advice_aws.TEXTS, **advice_logto.TEXTS, **advice_mailgun.TEXTS}

CAUSES = {
    "ConnectionRefusedError": "nothing listens there",
    "ConnectionResetError": "it hung up",
    "RemoteDisconnected": "it hung up",
    "SSLCertVerificationError": "its certificate is not valid",
    "SSLError": "no TLS connection could be made",
    "TimeoutError": "it took longer than a few seconds",
    "gaierror": "its name does not resolve",
}
"""What kept an answer from coming, by the names of Python's exceptions."""


class Advice(NamedTuple):
    """A few sentences each; `effect` may be empty. What follows a line break is there to be copied."""

    meaning: str
    effect: str
    remedy: str


class Names(NamedTuple):
    """What things are called in this stack, so that commands can be copied."""

    stack: str = "--stack NAME"
    """The option that names it to the other commands."""
    issuer: str = "LOGTOISSUER"
    table: str = "TABLE"
    secrets: Mapping[str, str] = {}
    """ARNs of the secrets."""
    aws: str = "aws"
    """The AWS CLI, with what leads it to the stack."""


class _Details(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def advice(finding: Finding, names: Names) -> Advice:
    """Fill the texts in."""
    details = _Details(finding.more, stack=names.stack, issuer=names.issuer, table=names.table, aws=names.aws)
    details["arn"] = names.secrets.get(finding.what, "ARN")
    if finding.what:
        details["what"] = finding.what
    if "cause" in finding.more:
        details["cause"] = CAUSES.get(finding.more["cause"], finding.more["cause"])
    # What a text says on lines of its own is there to be copied, and some of this comes from Mailgun.
    told = _Details({name: in_one_line(value) for name, value in details.items()})
    return Advice(*(text.format_map(told) for text in TEXTS[finding.code]))
