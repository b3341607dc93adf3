"""Page tokens: each is valid for the listing that it was made for, and for no other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator.refusals import RefusalError
from rekog.emulator.state.tokens import POSITION_BYTES, seal, unseal

SECRET = bytes(32)
LISTINGS = st.lists(st.text("ab\N{LATIN SMALL LETTER E WITH ACUTE}", max_size=3), max_size=3).map(tuple)
POSITIONS = st.text("ab12", max_size=4)


def is_valid(token: str, listing: tuple[str, ...], secret: bytes = SECRET) -> bool:
    try:
        unseal(secret, listing, token)
    except RefusalError:
        return False
    return True


@settings(derandomize=True, max_examples=300, deadline=None)
@given(LISTINGS, LISTINGS, POSITIONS)
def test_a_token_is_valid_for_its_own_listing_only(
    listing: tuple[str, ...], other: tuple[str, ...], position: str
) -> None:
    token = seal(SECRET, listing, position)
    assert unseal(SECRET, listing, token) == position
    assert is_valid(token, other) == (listing == other)
    assert not is_valid(token, listing, bytes(31) + b"1")


@pytest.mark.parametrize(("one", "other"), [(("ab", "c"), ("a", "bc")), (("a",), ("a", "")), (("a", "b"), ("ab",))])
def test_the_parts_of_a_listing_are_kept_apart(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert not is_valid(seal(SECRET, one, "1"), other)


@pytest.mark.parametrize("size", [0, 1, 2, POSITION_BYTES])
def test_a_token_has_at_most_255_characters_and_only_one_form(size: int) -> None:
    token = seal(SECRET, ("a",), "x" * size)
    assert len(token) <= 255
    forms = [token[:-1] + each for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
    assert [form for form in [*forms, token + "="] if is_valid(form, ("a",))] == [token]
