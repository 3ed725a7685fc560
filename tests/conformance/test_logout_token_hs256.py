"""Back-Channel Logout 2.6, step 3; RFC 8725 3.1: the client secret is no key of the provider's."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_ends_nothing
from tests.support.provider import logto_of


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_an_hmac_with_the_client_secret_is_refused(stack: Stack, browser: Browser, algorithm: str) -> None:
    logto_of(stack).misbehave.discovery = lambda given: (
        given | {"id_token_signing_alg_values_supported": [algorithm, "ES384"]}
    )
    assert_ends_nothing(browser, "id_token_algorithm_refused", alg=algorithm)


def test_an_hmac_with_the_public_key_is_refused(stack: Stack, browser: Browser) -> None:
    public = logto_of(stack).keys.current.as_pem(private=False)
    assert_ends_nothing(browser, "id_token_algorithm_refused", alg="HS256", key=public)
