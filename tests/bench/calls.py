"""Counts the network calls of the functions where they arrive: at the stand-ins."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from local.serving import Server
from local.stack import Stack

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOGTO_PATHS = ("/.well-known/openid-configuration", "/jwks", "/token", "/request", "/revocation")
"""What a relying party asks of Logto by itself; the browser asks for everything else."""


def count_calls(stack: Stack) -> Counter[str]:
    """Start counting, by service; the counter returned goes on being filled."""
    calls: Counter[str] = Counter()
    assert stack._logto_server is not None
    assert stack._mailgun_server is not None
    _count(stack._aws, calls, _aws_service)
    _count(stack._logto_server, calls, lambda path, _: "logto" if path.endswith(LOGTO_PATHS) else "")
    _count(stack._mailgun_server, calls, lambda path, _: "mailgun" if path.startswith("/v3/") else "")
    return calls


def usual(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return the calls of each of these warm requests; one of them may take note of something besides.

    An environment of `send_otp` notes a few times an hour whether Logto tells its clients apart.
    """
    seen = Counter(tuple(sorted(count.items())) for count in counts)
    [(common, number)] = seen.most_common(1)
    assert number >= len(counts) - 1, f"warm requests differ in their calls: {seen}"
    return dict(common)


_AWS_SERVICES = {"DynamoDB": "dynamodb", "secretsmanager": "secrets", "AmazonSQS.Send": "sqs"}
"""By the beginning of the operation's name. Who polls the queue on a laptop is no function of ours."""


def _aws_service(_: str, target: str) -> str:
    return next((name for prefix, name in _AWS_SERVICES.items() if target.startswith(prefix)), "")


def _count(server: Server, calls: Counter[str], name: Callable[[str, str], str]) -> None:
    app = server.app

    def counting(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if service := name(environ["PATH_INFO"], environ.get("HTTP_X_AMZ_TARGET", "")):
            calls[service] += 1
        return app(environ, start_response)

    server.app = counting
