"""`python -m local`: sign-in on this machine, with nothing else running and no account anywhere."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from local.checks import ConfigError
from local.config import Config
from local.env_file import read_env_file
from local.sam.command import SamError
from local.sam.containers import find_engine
from local.sam.needs import Missing
from local.saying import say
from local.stopping import Stopping

if TYPE_CHECKING:
    from local.serving import CannotListen

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
  SAM_LOCAL_OPTIONS                more options for `sam local start-api`, such as --skip-pull-image
"""
# A terminal that is closed says SIGHUP; whoever wants to live on under `nohup` has it ignored already.
HANG_UP = [signal.SIGHUP] if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else []
SIGNALS = (signal.SIGINT, signal.SIGTERM, *HANG_UP)


def main() -> int:
    """Start, wait for Ctrl-C, stop."""
    options = _options()
    stopping = Stopping()
    stopping.watch(*SIGNALS)
    try:
        variables = {**read_env_file(Path(".env")), **os.environ}
        if options.under_sam:
            return _run_under_sam(options.under_sam, options.bind, variables, stopping)
        bind = options.bind or "127.0.0.1"
        config = Config.read(variables, bind=bind, gateway=not options.stand_ins_only)
    except ConfigError as error:
        return _refuse(f"Cannot start: {error}.")
    return _run(config, stopping)


def _run_under_sam(sam: str, bind: str, variables: Mapping[str, str], stopping: Stopping) -> int:
    try:
        engine = find_engine(bind)
        config = Config.read(variables, bind=engine.bind, name=engine.name, gateway=False)
        from local.sam.program import serve

        return _run(config, stopping, partial(serve, engine, sam, variables))
    except (Missing, SamError) as error:
        return _refuse(str(error))


def _serve(config: Config, stopping: Stopping) -> None:
    from local.messages import app_message, stand_ins_message
    from local.stack import Stack

    message = app_message if config.gateway else stand_ins_message
    with Stack(config) as stack:
        if not stopping.is_set():
            say(message(stack))
            stopping.wait()


def _run(config: Config, stopping: Stopping, serve: Callable[[Config, Stopping], None] = _serve) -> int:
    # Imported here because it takes a second or two, in which Ctrl-C has to be heeded already.
    from local.serving import CannotListen, PortTaken

    try:
        if not stopping.is_set():
            serve(config, stopping)
    except PortTaken as error:
        name = _variable(config, error.port)
        return _refuse(
            f"Cannot start: port {error.port} is taken by another program; "
            f"stop that one, or set {name} to a free port."
        )
    except CannotListen as error:
        return _refuse(f"Cannot start: {_about_listening(config, error)}.")
    say("\nStopped.")
    # Python gives signals back to the system before it is gone: one more would make a fault of a clean end.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="Passerelle on this machine: the app, an embedded Logto, an embedded Mailgun, and AWS.",
        epilog=VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bind", metavar="ADDRESS", default="", help="listen there (127.0.0.1)")
    parser.add_argument(
        "--stand-ins-only",
        action="store_true",
        help="leave the app to `sam local start-api`; with --bind 172.17.0.1 its containers reach the rest",
    )
    parser.add_argument(
        "--under-sam",
        metavar="SAM",
        help="build and start the app by this SAM CLI; --bind overrules where its containers find the rest",
    )
    return parser.parse_args()


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)
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


if __name__ == "__main__":
    sys.exit(main())
