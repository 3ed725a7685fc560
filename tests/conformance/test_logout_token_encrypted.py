"""Back-Channel Logout 2.6, step 1: an encrypted logout token was not asked for and is not read."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import CLIENT, assert_not_done, sub_of
from tests.support.provider import logto_of


@pytest.mark.parametrize(
    "form",
    ["{token}.AAAA.AAAA", "{head}.{body}", "{head}", ".{body}.{signature}", "{head}..{signature}", "......"],
)
def test_what_has_not_three_parts_is_refused(stack: Stack, browser: Browser, form: str) -> None:
    browser.sign_in()
    token = logto_of(stack).logout_token(CLIENT, sub_of(stack))
    head, body, signature = token.split(".")
    made = form.format(token=token, head=head, body=body, signature=signature)
    code = "id_token_signature_invalid" if ".." in form and made.count(".") == 2 else "id_token_invalid"
    assert_not_done(logto_of(stack).send_logout_token(CLIENT, made), code)
    assert browser.session().status_code == 200
