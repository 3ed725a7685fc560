"""The profile is what an application sees, whatever of it the user has filled in."""

from typing import Any

import pytest

from passerelle.profile import profile_from

FULL = {
    "sub": "1",
    "name": "Ada",
    "username": "ada",
    "email": "ada@example.com",
    "picture": "https://x/y.png",
}


@pytest.mark.parametrize(
    ("changed", "name"),
    [({}, "Ada"), ({"name": None}, "ada"), ({"name": ""}, "ada"), ({"name": None, "username": None}, None)],
)
def test_the_name_is_the_username_when_there_is_no_other(changed: dict[str, Any], name: str | None) -> None:
    assert profile_from({**FULL, **changed})["name"] == name


def test_what_is_not_filled_in_is_null_and_nothing_else_goes_along() -> None:
    assert profile_from({"sub": "1", "nonce": "n"}) == {"id": "1", "name": None, "email": None, "image": None}
    assert profile_from(FULL) == {
        "id": "1",
        "name": "Ada",
        "email": "ada@example.com",
        "image": "https://x/y.png",
    }
