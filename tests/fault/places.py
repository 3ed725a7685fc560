"""Where tests of faults knock: an address at which nobody answers, and the connector's."""

import socket

import httpx

from local.stack import Stack

ADDRESS, CODE = "ada@example.com", "493027"


def closed_url() -> str:
    """An origin whose port is free."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def ask_for_delivery(stack: Stack, token: str | None = None) -> httpx.Response:
    """Ask for a code to be delivered, as Logto's connector does."""
    return httpx.post(
        f"{stack.app_url}/send-otp",
        headers={"authorization": f"Bearer {token or stack.send_otp_token}", "accept-encoding": "gzip"},
        json={"to": ADDRESS, "type": "SignIn", "payload": {"code": CODE}, "ip": "::ffff:127.0.0.1"},
        timeout=30,
        trust_env=False,
    )
