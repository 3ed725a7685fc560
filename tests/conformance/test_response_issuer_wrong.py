"""RFC 9207 2.4: the response is another issuer's, compared to the letter."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, logto_of, replaced


@pytest.mark.parametrize("issuer", ["https://attacker.example/oidc", "{}/", "", "{} "])
@pytest.mark.parametrize("promised", [True, False])
def test_a_response_of_another_issuer_is_refused(
    stack: Stack, browser: Browser, issuer: str, promised: bool
) -> None:
    misbehave = logto_of(stack).misbehave
    misbehave.discovery = lambda given: given | {"authorization_response_iss_parameter_supported": promised}
    misbehave.authorization_response = replaced("iss", issuer.format(stack.issuer))
    browser.sign_in()
    assert_refused(browser, "issuer_mismatch")
    assert ("POST", "/oidc/token") not in logto_of(stack).requests
