"""What is printed when everything is up."""

import shlex

from local.aws import CREDENTIALS
from local.sam.parameters import start_options
from local.stack import Stack


def app_message(stack: Stack) -> str:
    """What is where, and what to do next."""
    rows = [("App", stack.app_url), *_rows(stack)]
    lines = ["", *_aligned(rows), "", *_mailgun(stack), *_advice(stack), "Ctrl-C stops everything.", ""]
    return "\n".join(lines)


def stand_ins_message(stack: Stack) -> str:
    """What is where, and the command that puts the app in its midst."""
    # SAM asks for the account's number at each start, which the stand-in answers at once.
    environment = {**CREDENTIALS, "AWS_ENDPOINT_URL_STS": stack.aws_url}
    return "\n".join(
        [
            "",
            *_aligned(_rows(stack)),
            "",
            "In another terminal, after `sam build`:",
            "",
            f"  {' '.join(f'{name}={value}' for name, value in environment.items())} \\",
            f"  sam local start-api {shlex.join(start_options(stack))}",
            "",
            f"Then open {stack.app_url}. Ctrl-C here stops the stand-ins.",
            "",
        ]
    )


def _rows(stack: Stack) -> list[tuple[str, str]]:
    return [
        ("Logto", f"{stack.logto_url or 'the real one'}, issuer {stack.issuer}"),
        ("Mailbox", stack.mailgun_url or "none: the real Mailgun delivers"),
        *_lists(stack),
        ("Bounces", f"./passerelle bounces list --local {stack.aws_url}"),
        ("Doctor", f"./passerelle doctor --local {stack.aws_url}"),
        ("AWS", f"{stack.aws_url} (DynamoDB, Secrets Manager)"),
        ("/send-otp", f"Authorization: Bearer {stack.send_otp_token}"),
    ]


def _lists(stack: Stack) -> list[tuple[str, str]]:
    mailgun = stack.mailgun
    if mailgun is None:
        return []
    # A key of a real account is not for a screen; one that was made here is good for nothing else.
    key = "its apiKey" if stack.config.mailgun_config else mailgun.api_key
    return [("Mailgun", f"{stack.mailgun_url}/v3/{mailgun.domain}/bounces, user api, password {key}")]


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"  {name:<{width}} {value}" for name, value in rows]


def _mailgun(stack: Stack) -> list[str]:
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


def _advice(stack: Stack) -> list[str]:
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
                ("webhook", f"{stack.app_url}/webhooks/logto"),
            ]
        ),
        f"For a Logto on this machine, ./passerelle provision --local {stack.aws_url} does it all.",
        "For its codes to pass through here, give its HTTP e-mail connector the bearer above and the address",
        f"of /send-otp. A Logto in the cloud cannot reach {stack.app_url}: let a tunnel lead to it.",
    ]
