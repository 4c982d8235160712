from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.salesforce.ids import make_id, normalize, with_checksum


class TestChecksum:
    @pytest.mark.parametrize(
        ("short", "full"),
        [
            ("001D000000IqhSL", "001D000000IqhSLIAZ"),
            ("001R0000005hDFY", "001R0000005hDFYIA2"),
        ],
    )
    def test_agrees_with_documented_ids(self, short, full):
        assert with_checksum(short) == full

    @given(st.integers(1, 10**9))
    def test_every_id_normalizes_to_itself(self, number):
        row_id = make_id("801", number)

        assert len(row_id) == 18
        assert normalize(row_id) == normalize(row_id[:15]) == row_id

    @pytest.mark.parametrize(
        "text", ["", "801", "801Hs0000000001IAB", "801Hs000000000!"]
    )
    def test_refuses_what_is_no_id(self, text):
        assert normalize(text) is None

    @given(st.lists(st.integers(1, 10**12), unique=True, max_size=50))
    def test_ids_do_not_repeat(self, numbers):
        assert len({make_id("801", one) for one in numbers}) == len(numbers)
