from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.ids import is_same, long_id
from connectors.sandbox.salesforce.ids import make_id

# With capitals in different groups of five.
FULL = [
    "00DDn00000ArX0aMAF",
    "001R0000002zBYIIA2",
    "7508e000001hmdrAAA",
]


@pytest.mark.parametrize("full", FULL)
def test_the_last_three_follow_from_the_first_fifteen(full):
    assert long_id(full[:15]) == full
    assert long_id(full) == full


@given(st.integers(1, 10**6))
def test_agrees_with_the_sandbox(number):
    made = make_id("801", number)

    assert long_id(made[:15]) == made


@pytest.mark.parametrize(
    "text", ["", "801", "801000000000001A", "801-00000000001", "8" * 19, "ß" * 15]
)
def test_what_is_no_id_is_said(text):
    with pytest.raises(ValueError, match="Salesforce id"):
        long_id(text)


def test_two_lengths_of_one_id_are_the_same():
    assert is_same(FULL[0], FULL[0][:15])
    assert is_same(f" {FULL[0]} ", FULL[0])
    assert not is_same(FULL[0], FULL[1])
    assert not is_same("", "")


def test_ids_know_case():
    assert not is_same("00DDn00000ArX0a", "00DDN00000ArX0a")
