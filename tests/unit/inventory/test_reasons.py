"""What a movement's text tells of the event behind it."""

from __future__ import annotations

import pytest

from inventory.reasons import reason_of, reference_in


@pytest.mark.parametrize(
    ("text", "reason", "reference"),
    [
        ("Shipped on order 00000107", "order", "00000107"),
        ("Order #A-77 fulfilled", "order", "A-77"),
        ("Return RMA-12 received", "return", "RMA-12"),
        ("PO 4711 received", "receipt", "4711"),
        ("Restocked", "receipt", ""),
        ("Cycle count", "count", ""),
        ("Found less", "count", ""),
        ("Moved to overstock", "transfer", ""),
        ("Gremlins", "other", ""),
        ("  ", "untold", ""),
    ],
)
def test_words_name_the_kind_and_what_stood_behind_it(text, reason, reference):
    assert (reason_of(text), reference_in(text)) == (reason, reference)
