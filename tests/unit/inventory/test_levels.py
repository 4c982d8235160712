"""External ids that stay, whatever a SKU is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.levels import level_key

NASTY = ["A B", " A", "A ", "A\n", 'A"1,5"', "🎁", "x" * 200, "~A", "A/B", "", "ä", "a"]


@pytest.mark.parametrize(
    ("sku", "key"),
    [
        ("MUG-1", "ACM-12/MUG-1"),
        ("MUG 1/2", "ACM-12/MUG 1/2"),
        ("mug-1", "ACM-12/mug-1"),
    ],
)
def test_plain_skus_can_be_read_in_their_key(sku, key):
    assert level_key("ACM", "12", sku) == key


def test_a_brand_has_keys_of_its_own():
    assert level_key("ACM", "12", "MUG", "north") == "ACM-12-north/MUG"


@pytest.mark.parametrize("sku", NASTY)
def test_no_sku_breaks_a_text_field_or_a_file(sku):
    key = level_key("ACM", "V2FyZWhvdXNlOjE=", sku)
    assert len(key) <= 255
    assert key == key.strip()
    assert key.isascii()
    assert key.isprintable()


def test_no_two_skus_share_a_key():
    assert len({level_key("ACM", "12", sku) for sku in NASTY}) == len(NASTY)


@given(st.text(max_size=250), st.text(max_size=250))
def test_different_skus_have_different_keys(one, other):
    assert (level_key("A", "1", one) == level_key("A", "1", other)) is (one == other)
