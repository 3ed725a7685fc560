"""How `sam local start-api` finds the stand-ins."""

import platform

from local.stack import Stack


def architecture() -> str:
    """This machine's processor, as the template calls it."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def start_options(stack: Stack) -> list[str]:
    """The options with which it serves the app in the midst of this stack, but for the template."""
    parameters = {**stack.parameters, "Architecture": architecture()}
    overrides = " ".join(f"{name}={_quoted(value)}" for name, value in parameters.items())
    port = str(stack.app_port)
    return ["--port", port, "--warm-containers", "LAZY", "--parameter-overrides", overrides]


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
