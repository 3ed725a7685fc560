"""Logto's HTTP e-mail connector, as far as the app can tell."""

import httpx

from local.stack import Stack


def ask(stack: Stack, to: str, kind: str = "SignIn", code: str = "123456") -> httpx.Response:
    """Ask the app to send a code."""
    return httpx.post(
        f"{stack.app_url}/send-otp",
        headers={"authorization": f"Bearer {stack.send_otp_token}"},
        json={"to": to, "type": kind, "payload": {"code": code, "application": {"name": "A & B"}}},
        trust_env=False,
    )
