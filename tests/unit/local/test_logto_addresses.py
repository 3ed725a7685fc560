"""Which redirect URIs and URLs Logto takes."""

import pytest

from local.logto.management.addresses import is_redirect_uri, is_url


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:3001",
        "https://app.test/callback?a=1#b",
        "https://*.example.com/callback",
        "https://pr-*-app.example.com/callback/*",
        "io.logto://my-app/callback",
        "com.company://callback",
    ],
)
def test_these_are_taken(uri: str) -> None:
    assert is_redirect_uri(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/callback",
        "app.test/callback",
        "http://",
        "https://app.test:port/",
        "https://a b.test/",
        "https://app.test/../callback",
        "https://app.test/%2e%2E/callback",
        "https://*/callback",
        "https://app.test/callback?next=*",
        "https://app.test:*/callback",
        "https://user@*.app.test/",
        "http*://app.test/",
        "https://[::*]/",
    ],
)
def test_these_are_refused(uri: str) -> None:
    assert not is_redirect_uri(uri)


def test_a_url_is_absolute() -> None:
    assert is_url("https://app.test/backchannel-logout")
    assert is_url("urn:anything")
    assert not is_url("app.test/backchannel-logout")
    assert not is_url("//app.test/")
