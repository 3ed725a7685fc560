"""The Mailgun secret: that of Logto's own connector is taken, and what is wrong is named with an example."""

from typing import Any

import pytest

from passerelle.errors import Misconfigured
from passerelle.otp.config import MailgunConfig, parse_mailgun_config
from tests.support.doubles import SECRETS

CONFIG = SECRETS["mailgun"]


def config(**changed: Any) -> MailgunConfig:
    return parse_mailgun_config(
        {name: value for name, value in {**CONFIG, **changed}.items() if value is not ...}
    )


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"domain": ...}, "domain"),
        ({"domain": "https://mg.example.com"}, "domain"),
        ({"domain": "mail.example/../x"}, "domain"),
        ({"domain": ""}, "domain"),
        ({"apiKey": ...}, "apiKey"),
        ({"apiKey": "the key"}, "apiKey"),
        ({"from": ...}, "from"),
        ({"from": "a@b\r\nbcc: c@d"}, "from"),
        ({"endpoint": "http://api.mailgun.net"}, "endpoint"),
        ({"endpoint": "http://93.184.216.34"}, "endpoint"),
        ({"endpoint": "api.mailgun.net"}, "endpoint"),
        ({"endpoint": "https://"}, "endpoint"),
        ({"endpoint": "https://[::1"}, "endpoint"),
        ({"deliveries": {"SignIn": {"subject": "x"}}}, "deliveries.SignIn"),
        ({"deliveries": {"SignIn": {"subject": "x\ny", "html": "z"}}}, "deliveries.SignIn.subject"),
        ({"deliveries": {"SignIn": {"replyTo": "x\r\ny", "html": "z"}}}, "deliveries.SignIn.replyTo"),
        ({"deliveries": {"Unknown": {"html": "z"}}}, "deliveries.Unknown"),
        ({"deliveries": {"SignIn": {"html": 5}}}, "deliveries.SignIn.html"),
        ({"deliveries": {"SignIn": {"html": "h", "text": []}}}, "deliveries.SignIn.text"),
        ({"deliveries": {"SignIn": {"template": "x\n"}}}, "deliveries.SignIn.template"),
        ({"deliveries": {"SignIn": {"html": "h", "locales": {"f_r": {}}}}}, "deliveries.SignIn.locales.f_r"),
        (
            {"deliveries": {"SignIn": {"html": "h", "locales": {"fr": {"subject": "a\nb"}}}}},
            "deliveries.SignIn.locales.fr.subject",
        ),
        ({"webhookSigningKey": "the key"}, "webhookSigningKey"),
        ({"webhookSigningKeys": "the-key"}, "webhookSigningKeys"),
        ({"webhookSigningKeys": []}, "webhookSigningKeys"),
        ({"webhookSigningKeys": ["the-key", "the key"]}, "webhookSigningKeys"),
        ({"webhookSigningKeys": ["the-key", None]}, "webhookSigningKeys"),
    ],
)
def test_names_what_is_wrong_in_the_secret_and_not_its_value(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        config(**changed)
    assert refusal.value.code == "secret_invalid"
    assert f"{named}: " in refusal.value.reason
    assert "such as" in refusal.value.reason
    assert "the-api-key" not in refusal.value.reason
    assert "the key" not in refusal.value.reason


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://api.eu.mailgun.net",
        "http://localhost:8025",
        "http://127.0.0.1:1",
        "http://[::1]:1",
        "http://10.1.2.3",
    ],
)
def test_plain_http_goes_to_the_own_network_only(endpoint: str) -> None:
    assert config(endpoint=endpoint).endpoint == endpoint


def test_falls_back_to_the_generic_delivery() -> None:
    made = config(deliveries={"Generic": {"html": "g"}, "SignIn": {"html": "s"}})
    assert made.delivery("SignIn").html == "s"
    assert made.delivery("Register").html == "g"
    with pytest.raises(Misconfigured, match="delivery_missing"):
        config(deliveries={"SignIn": {"html": "s"}}).delivery("Register")


def test_has_deliveries_of_its_own_with_the_code_in_both_forms() -> None:
    for name in ("SignIn", "Generic"):
        delivery = config().delivery(name)
        assert "{{code}}" in (delivery.html or "")
        assert "{{code}}" in (delivery.text or "")
        assert "code}}" not in (delivery.subject or "")
    assert "{{link}}" in (config().delivery("OrganizationInvitation").html or "")


def test_the_default_region_is_the_us_one() -> None:
    assert config(endpoint=...).endpoint == "https://api.mailgun.net"


OF_THE_GUIDE: dict[str, Any] = {
    "Register": {
        "subject": "{{code}} is your verification code",
        "replyTo": "Foo <foo@bar.com>",
        "html": "<h1>Welcome</h1><p>Your verification code is {{code}}.</p>",
        "text": "Welcome. Your verification code is {{code}}.",
    },
    "SignIn": {
        "subject": "Welcome back",
        "replyTo": "Foo <foo@bar.com>",
        "template": "logto-sign-in",
        "variables": {"bar": "baz"},
    },
}
"""What the guide to Logto's own connector shows."""


def test_the_guide_s_own_example_is_taken_as_it_is() -> None:
    made = config(deliveries=OF_THE_GUIDE)
    register, sign_in = made.delivery("Register"), made.delivery("SignIn")
    assert (register.html, register.template) == (OF_THE_GUIDE["Register"]["html"], None)
    assert (sign_in.template, sign_in.variables) == ("logto-sign-in", {"bar": "baz"})
    assert sign_in.reply_to == "Foo <foo@bar.com>"


def test_everything_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(Misconfigured) as refusal:
        config(domain="https://x", apiKey="", deliveries={"SignIn": {}, "Register": {"html": 1}})
    for named in ("domain: ", "apiKey: ", "deliveries.SignIn: ", "deliveries.Register.html: "):
        assert named in refusal.value.reason


def test_a_translation_overrides_what_it_names_and_keeps_the_rest() -> None:
    base = {"subject": "en", "html": "en", "text": "en", "replyTo": "en@x.example"}
    [translated] = (
        config(deliveries={"Generic": base | {"locales": {"fr": {"subject": "fr", "html": "fr"}}}})
        .deliveries["Generic"]
        .locales.values()
    )
    assert (translated.subject, translated.html, translated.text) == ("fr", "fr", "en")
    assert translated.reply_to == "en@x.example"


def test_a_translation_by_a_template_replaces_html_which_would_win_over_it() -> None:
    base = {"html": "en", "text": "en", "locales": {"fr": {"template": "code-fr"}}}
    translated = config(deliveries={"Generic": base}).delivery("SignIn").in_language(["fr"])
    assert (translated.html, translated.text, translated.template) == (None, None, "code-fr")


def test_empty_members_count_as_absent() -> None:
    made = config(endpoint="", webhookSigningKey="", deliveries=None)
    assert made.endpoint == "https://api.mailgun.net"
    assert made.webhook_signing_keys == ()
    assert "Generic" in made.deliveries
