"""What counts as an address that staff changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from orders.drift import address_fixed_there, is_ours_to_judge
from orders.pictures import to_picture
from orders.records import MISSING, Address, RemoteOrder, ShipmentRecord

NOW = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
OURS = Address(
    last_name="Byron", address1="12 Mill Lane", city="Tulsa", zip="74103", country="US"
)
THERE = RemoteOrder("R", 1, "K", "100", "pending", NOW, ship_to=OURS)


@pytest.mark.parametrize(
    ("changes", "fixed"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"city": "TULSA "}, {}, id="case and spaces"),
        pytest.param({"address1": "12, Mill Lane."}, {}, id="punctuation"),
        pytest.param({"zip": "74103-1234"}, {}, id="a longer postal code"),
        pytest.param({"phone": "1", "email": "x"}, {}, id="phone and e-mail"),
        pytest.param({"zip": "74104"}, {"zip": "74104"}, id="another postal code"),
        pytest.param({"address2": "Apt 2"}, {"address2": "Apt 2"}, id="more"),
        pytest.param({"last_name": ""}, {"last_name": ""}, id="emptied"),
    ],
)
def test_a_fix(changes: dict[str, str], fixed: dict[str, str]) -> None:
    remote = replace(THERE, ship_to=replace(OURS, **changes))

    assert address_fixed_there({"ship_to": to_picture(OURS)}, remote) == fixed


def test_what_was_not_read_is_no_fix() -> None:
    unread = replace(THERE, ship_to=MISSING)

    assert address_fixed_there({"ship_to": to_picture(OURS)}, unread) == {}
    assert address_fixed_there({}, THERE) == {}


def test_an_ended_order_s_address_is_history() -> None:
    shipped = replace(THERE, shipments=(ShipmentRecord("S", 1, NOW),))

    assert is_ours_to_judge(THERE)
    assert not is_ours_to_judge(shipped)
    assert not is_ours_to_judge(replace(THERE, status="canceled"))
    assert not is_ours_to_judge(replace(THERE, merged_into="M"))
