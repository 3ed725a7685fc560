"""The relying-party plans of the OpenID Foundation's conformance suite, by their official names.

As in openid-certification/conformance-suite, `src/main/java/net/openid/conformance/openid/client`, for the
code flow. A test is in the file that is named after it. One is in two plans, and counts in both.
"""

from typing import NamedTuple

BACK_CHANNEL = "oidcc-client-test-rp-backchannel-rpinitlogout"


class Plan(NamedTuple):
    """A plan of the suite with its tests, in the suite's order."""

    title: str
    name: str
    tests: tuple[str, ...]


PLANS = (
    Plan(
        "Basic",
        "oidcc-client-basic-certification-test-plan",
        (
            "oidcc-client-test",
            "oidcc-client-test-invalid-iss",
            "oidcc-client-test-missing-sub",
            "oidcc-client-test-invalid-aud",
            "oidcc-client-test-missing-iat",
            "oidcc-client-test-kid-absent-single-jwks",
            "oidcc-client-test-kid-absent-multiple-jwks",
            "oidcc-client-test-idtoken-sig-rs256",
            "oidcc-client-test-idtoken-sig-none",
            "oidcc-client-test-invalid-sig-rs256",
            "oidcc-client-test-userinfo-invalid-sub",
            "oidcc-client-test-nonce-invalid",
            "oidcc-client-test-scope-userinfo-claims",
            "oidcc-client-test-client-secret-basic",
        ),
    ),
    Plan(
        "Config",
        "oidcc-client-config-certification-test-plan",
        (
            "oidcc-client-test-discovery-openid-config",
            "oidcc-client-test-discovery-jwks-uri-keys",
            "oidcc-client-test-discovery-issuer-mismatch",
            "oidcc-client-test-idtoken-sig-none",
            "oidcc-client-test-signing-key-rotation-just-before-signing",
            "oidcc-client-test-signing-key-rotation",
        ),
    ),
    Plan(
        "RP-Initiated Logout",
        "oidcc-client-rp-initiated-logout-rp-basic",
        (
            "oidcc-client-test-rp-init-logout",
            "oidcc-client-test-rp-init-logout-other-state",
            "oidcc-client-test-rp-init-logout-no-state",
        ),
    ),
    Plan(
        "Back-Channel Logout",
        "oidcc-client-back-channel-logout-rp-basic",
        (
            BACK_CHANNEL,
            f"{BACK_CHANNEL}-alg-none",
            f"{BACK_CHANNEL}-no-event",
            f"{BACK_CHANNEL}-with-nonce",
            f"{BACK_CHANNEL}-wrong-alg",
            f"{BACK_CHANNEL}-wrong-aud",
            f"{BACK_CHANNEL}-wrong-event",
            f"{BACK_CHANNEL}-wrong-iss",
        ),
    ),
    Plan(
        "Refresh Token, not part of the certification program",
        "oidcc-client-refreshtoken-test-plan",
        (
            "oidcc-client-test-refresh-token",
            "oidcc-client-test-refresh-token-invalid-issuer",
            "oidcc-client-test-refresh-token-invalid-sub",
        ),
    ),
)


def module_of(test: str) -> str:
    """Name the file, without `.py`, that holds an official test."""
    return "test_" + test.replace("-", "_")
