"""`python -m local`: sign-in on this machine, with nothing else running and no account anywhere."""

import argparse
import os
import platform
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from local.checks import ConfigError
from local.config import Config
from local.env_file import read_env_file
from local.stopping import Stopping

if TYPE_CHECKING:
    from local.serving import CannotListen
    from local.stack import Stack

VARIABLES = """\
variables, from the environment or from .env:
  PORT, LOGTO_PORT, MAILGUN_PORT   other ports than 3000, 3001 and 8025
  SEND_OTP_TOKEN                   the bearer that /send-otp accepts; else one is made
  AUTH_LOGTO_ISSUER, AUTH_LOGTO_ID, AUTH_LOGTO_SECRET
                                   a real Logto in place of the embedded one
  ID_TOKEN_ALGORITHMS, USERINFO, LOGOUT_ID_TOKEN_HINT, LOGOUT_TOKEN_TYP_REQUIRED
                                   what another provider than Logto needs: docs/conformance.md
  MAILGUN_API_KEY, MAILGUN_DOMAIN, MAILGUN_FROM, and MAILGUN_ENDPOINT for the EU
                                   a real Mailgun in place of the embedded one
  MAILGUN_WEBHOOK_SIGNING_KEY      of the real Mailgun, to believe what it tells of messages
  MAILGUN_READ_API_KEY             a key that may look at bounces, for the command ./passerelle
  MAILGUN_CONFIG                   a file, as Logto's Mailgun connector is set; its messages go to the
                                   embedded Mailgun, unless MAILGUN_ENDPOINT names a real one
  LOGTO_M2M_ID, LOGTO_M2M_SECRET, LOGTO_MANAGEMENT_RESOURCE, LOGTO_ADMIN_ENDPOINT
                                   for the command ./passerelle provision: docs/provision.md
  MAILGUN_COMPAT=logto             requests to Mailgun exactly like those of Logto's own connector
"""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Start, wait for Ctrl-C, stop."""
    options = _options()
    stopping = Stopping()
    stopping.watch(*SIGNALS)
    try:
        variables = {**read_env_file(Path(".env")), **os.environ}
        config = Config.read(variables, bind=options.bind, gateway=not options.stand_ins_only)
    except ConfigError as error:
        return _refuse(str(error))
    return _run(config, stopping)


def _run(config: Config, stopping: Stopping) -> int:
    # Imported here because it takes a second or two, in which Ctrl-C has to be heeded already.
    from local.serving import CannotListen, PortTaken
    from local.stack import Stack

    try:
        if not stopping.is_set():
            with Stack(config) as stack:
                _serve(stack, stopping)
    except PortTaken as error:
        name = _variable(config, error.port)
        return _refuse(
            f"port {error.port} is taken by another program; stop that one, or set {name} to a free port"
        )
    except CannotListen as error:
        return _refuse(_about_listening(config, error))
    _say("\nStopped.")
    # Python gives signals back to the system before it is gone: one more would make a fault of a clean end.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    return 0


def _serve(stack: "Stack", stopping: Stopping) -> None:
    if not stopping.is_set():
        _say(_message(stack) if stack.config.gateway else _sam_message(stack))
        stopping.wait()


def _say(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Whoever read has gone, and Python would complain of it once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="Passerelle on this machine: the app, an embedded Logto, an embedded Mailgun, and AWS.",
        epilog=VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bind", metavar="ADDRESS", default="127.0.0.1", help="listen there (%(default)s)")
    parser.add_argument(
        "--stand-ins-only",
        action="store_true",
        help="leave the app to `sam local start-api`; with --bind 172.17.0.1 its containers reach the rest",
    )
    return parser.parse_args()


def _refuse(reason: str) -> int:
    print(f"Cannot start: {reason}.", file=sys.stderr)
    return 1


def _about_listening(config: Config, error: "CannotListen") -> str:
    if error.unknown_address:
        other = "or 127.0.0.1" if config.gateway else "Docker's own appears when Docker runs"
        return f"this machine has no IPv4 address {config.bind!r}; give --bind one that it has, {other}"
    if error.needs_privileges:
        name = _variable(config, error.port)
        return f"port {error.port} is not open to this user; set {name} to a port above 1023"
    return str(error)


def _variable(config: Config, port: int) -> str:
    return next((name for name, taken in config.ports.items() if taken == port), "PORT")


def _message(stack: "Stack") -> str:
    rows = [("App", stack.app_url), *_rows(stack)]
    lines = ["", *_aligned(rows), "", *_mailgun(stack), *_advice(stack), "Ctrl-C stops everything.", ""]
    return "\n".join(lines)


def _rows(stack: "Stack") -> list[tuple[str, str]]:
    return [
        ("Logto", f"{stack.logto_url or 'the real one'}, issuer {stack.issuer}"),
        ("Mailbox", stack.mailgun_url or "none: the real Mailgun delivers"),
        *_lists(stack),
        ("Bounces", f"./passerelle bounces list --local {stack.aws_url}"),
        ("Doctor", f"./passerelle doctor --local {stack.aws_url}"),
        ("AWS", f"{stack.aws_url} (DynamoDB, Secrets Manager)"),
        ("/send-otp", f"Authorization: Bearer {stack.send_otp_token}"),
    ]


def _lists(stack: "Stack") -> list[tuple[str, str]]:
    mailgun = stack.mailgun
    if mailgun is None:
        return []
    # A key of a real account is not for a screen; one that was made here is good for nothing else.
    key = "its apiKey" if stack.config.mailgun_config else mailgun.api_key
    return [("Mailgun", f"{stack.mailgun_url}/v3/{mailgun.domain}/bounces, user api, password {key}")]


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    return [f"  {name:<10} {value}" for name, value in rows]


def _mailgun(stack: "Stack") -> list[str]:
    file = stack.config.mailgun_config
    if file is None:
        return []
    check = f"MAILGUN_CONFIG={shlex.quote(file.path)} ./passerelle test-email you@example.com --dry-run"
    if file.is_real:
        return [
            f"Messages are made by {file.path} and sent for real, by {file.endpoint}.",
            f"Check it: {check}",
        ]
    return [
        f"Messages are made by {file.path} and end in the mailbox here, whatever endpoint it names.",
        "To send them for real: MAILGUN_ENDPOINT=https://api.mailgun.net, or https://api.eu.mailgun.net.",
        f"Check it: {check}",
    ]


def _advice(stack: "Stack") -> list[str]:
    if stack.config.logto is None:
        code = f"at {stack.mailgun_url}" if stack.mailgun else "in your mailbox"
        return [f"Open {stack.app_url}, sign in with any e-mail address, and read the code {code}."]
    return [
        "Register in Logto, with the application:",
        *_aligned(
            [
                ("redirect", f"{stack.app_url}/callback"),
                ("sign-out", f"{stack.app_url}/logged-out"),
                ("back-channel", f"{stack.app_url}/backchannel-logout"),
            ]
        ),
        "For its codes to pass through here, give its HTTP e-mail connector the bearer above and the address",
        f"of /send-otp. A Logto in the cloud cannot reach {stack.app_url}: let a tunnel lead to it.",
    ]


def _sam_message(stack: "Stack") -> str:
    architecture = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    parameters = {**stack.parameters, "Architecture": architecture}
    overrides = " ".join(f"{name}={value}" for name, value in parameters.items())
    # SAM asks for the account's number at each start, which the stand-in answers at once.
    environment = (
        f"AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=eu-central-1 "
        f"AWS_ENDPOINT_URL={stack.aws_url}"
    )
    return "\n".join(
        [
            "",
            *_aligned(_rows(stack)),
            "",
            "In another terminal, after `sam build`:",
            "",
            f"  {environment} \\",
            f"  sam local start-api --port {stack.config.port} --warm-containers LAZY \\",
            f"    --parameter-overrides {overrides}",
            "",
            "(--skip-pull-image where the image is there already.)",
            f"Then open {stack.app_url}. Ctrl-C here stops the stand-ins.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
