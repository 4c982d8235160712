"""Records to JSON and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from orders.pictures import fingerprint, from_picture, to_picture
from orders.records import (
    MISSING,
    Address,
    LineRecord,
    OrderRecord,
    OrderStage,
    RemoteOrder,
    WantedOrder,
)
from tests.unit.orders import strategies as some

MODIFIED = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)


def an_order(**values: Any) -> OrderRecord:
    return OrderRecord(
        **{
            "salesforce_id": "801",
            "order_number": "1",
            "stage": OrderStage.ACTIVATED,
            "status": "Activated",
            "modified_at": MODIFIED,
            **values,
        }
    )


@pytest.mark.parametrize(
    ("kind", "records"),
    [
        pytest.param(OrderRecord, some.orders(), id="order"),
        pytest.param(RemoteOrder, some.remote_orders, id="remote order"),
        pytest.param(WantedOrder, some.wanted_orders, id="wanted order"),
    ],
)
def test_a_record_comes_back_from_json_as_it_was(kind: type, records: Any) -> None:
    @given(records)
    def comes_back(record: Any) -> None:
        stored = json.loads(json.dumps(to_picture(record)))
        assert from_picture(kind, stored) == record

    comes_back()


def test_what_is_missing_is_left_out_and_stays_missing() -> None:
    picture = to_picture(an_order(ship_to=MISSING, lines=MISSING))

    assert "ship_to" not in picture
    assert "lines" not in picture
    assert from_picture(OrderRecord, picture).lines is MISSING


def test_known_to_be_empty_is_not_missing() -> None:
    picture = to_picture(an_order(ship_to=Address(), lines=(), shipping_method=""))

    assert picture["lines"] == []
    assert picture["shipping_method"] == ""
    back = from_picture(OrderRecord, picture)
    assert back.lines == ()
    assert back.ship_to == Address()


def test_a_key_that_nobody_knows_is_ignored() -> None:
    picture = {**to_picture(an_order()), "field_of_the_next_release": 1}

    assert from_picture(OrderRecord, picture) == an_order()


def test_a_picture_without_what_every_record_has_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        from_picture(OrderRecord, {"salesforce_id": "801"})


def test_a_decimal_keeps_its_digits() -> None:
    line = LineRecord("802", "1", "MUG", Decimal("2.50"))

    picture = to_picture(line)

    assert picture["quantity"] == "2.50"
    assert str(from_picture(LineRecord, picture).quantity) == "2.50"


class TestFingerprint:
    @given(some.wanted_orders)
    def test_does_not_depend_on_the_order_of_keys(self, wanted: WantedOrder) -> None:
        picture = to_picture(wanted)
        turned = dict(reversed(picture.items()))

        assert fingerprint(turned) == fingerprint(picture)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            pytest.param({"a": ""}, {}, id="empty and absent"),
            pytest.param({"a": "1"}, {"a": 1}, id="text and number"),
            pytest.param({"a": [1, 2]}, {"a": [2, 1]}, id="order of a list"),
            pytest.param({"a": {"b": 1}}, {"a": 1, "b": 1}, id="nesting"),
        ],
    )
    def test_tells_apart(self, one: Any, other: Any) -> None:
        assert fingerprint(one) != fingerprint(other)

    def test_reads_text_that_no_encoding_holds(self) -> None:
        assert fingerprint({"name": "\ud800"}) != fingerprint({"name": "?"})
