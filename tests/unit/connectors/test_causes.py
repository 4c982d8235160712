"""Two records stopped by one reason have one cause; another SKU is another cause."""

from __future__ import annotations

import pytest

from connectors.causes import fingerprint_of, title_of


@pytest.mark.parametrize(
    ("reason", "title"),
    [
        ("Line 0000000134 has no SKU.", "Line … has no SKU."),
        ("The SKU “TEE-2024” is not mapped.", "The SKU “TEE-2024” is not mapped."),
        ("Order 801Hs0000000001IAA is locked.", "Order … is locked."),
        ("HTTP 503 for 12 s", "HTTP 503 for 12 s"),
        ('ShipHero says "no 12345" of 998877', 'ShipHero says "no 12345" of …'),
        ("", ""),
    ],
)
def test_what_is_the_records_own_is_left_out(reason, title):
    assert title_of(reason) == title


def test_the_same_reason_of_two_records_is_one_cause():
    one = fingerprint_of("sku.missing", "Line 0000000134 has no SKU.", "a1")
    other = fingerprint_of("sku.missing", "Line 0000000977 has no SKU.", "a1")

    assert one == other


@pytest.mark.parametrize(
    ("code", "reason", "scope"),
    [
        ("sku.unmapped", "Line 1 has no SKU.", "a1"),
        ("sku.missing", "Line 1 has no SKU.", "a2"),
        ("sku.missing", "The SKU “A” is not mapped.", "a1"),
    ],
)
def test_another_code_account_or_value_is_another_cause(code, reason, scope):
    assert fingerprint_of(code, reason, scope) != fingerprint_of(
        "sku.missing", "Line 1 has no SKU.", "a1"
    )


def test_another_kind_of_work_or_another_field_is_another_cause() -> None:
    def cause(kind: str, field: str) -> str:
        return fingerprint_of("address.missing", "None.", "a1", kind=kind, field=field)

    assert cause("push_order", "ship_to.city") != cause("cancel_order", "ship_to.city")
    assert cause("push_order", "ship_to.city") != cause("push_order", "ship_to.zip")
    assert cause("push_order", "lines[2].sku") == cause("push_order", "lines[9].sku")
