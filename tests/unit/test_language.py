"""Translations are looked up as RFC 4647 3.4 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.otp.language import TAG, lookup, wanted_languages


@pytest.mark.parametrize(
    ("wanted", "offered", "found"),
    [
        (["fr"], ["en", "fr"], "fr"),
        (["FR-ca"], ["fr"], "fr"),
        (["pt-br"], ["pt", "pt-BR"], "pt-BR"),
        (["pt"], ["pt-BR"], None),
        (["zh-Hant-CN-x-private1-private2"], ["zh-Hant", "zh"], "zh-Hant"),
        (["zh-x-y"], ["zh-x"], None),
        (["de", "fr-CH"], ["fr"], "fr"),
        (["de-AT", "de"], ["fr", "de"], "de"),
        ([], ["fr"], None),
        (["fr"], [], None),
    ],
)
def test_the_first_range_that_has_something_wins(
    wanted: list[str], offered: list[str], found: str | None
) -> None:
    assert lookup(wanted, offered) == found


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ({"locale": "fr", "uiLocales": "fr-FR de"}, ["fr", "fr-FR", "de"]),
        ({"uiLocales": "de"}, ["de"]),
        ({"locale": None, "uiLocales": ["de"]}, []),
        ({"locale": "../../etc", "uiLocales": "<b> en"}, ["en"]),
        ({}, []),
    ],
)
def test_what_the_payload_wants(payload: dict[str, object], wanted: list[str]) -> None:
    assert wanted_languages(payload) == wanted


def test_a_long_list_is_not_read_to_its_end() -> None:
    assert len(wanted_languages({"uiLocales": "de " * 10_000})) == 20


@given(st.lists(st.from_regex(TAG, fullmatch=True), max_size=4), st.lists(st.from_regex(TAG, fullmatch=True)))
def test_what_is_found_was_offered_and_begins_what_was_wanted(wanted: list[str], offered: list[str]) -> None:
    found = lookup(wanted, offered)
    if found is not None:
        assert found in offered
        assert any(f"{tag}-".lower().startswith(f"{found}-".lower()) for tag in wanted)
