"""Hypothesis strategies for the records that cross the borders."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from orders.records import (
    MISSING,
    Address,
    HoldKind,
    LineRecord,
    OrderRecord,
    OrderStage,
    RemoteLine,
    RemoteOrder,
    ShipmentLineRecord,
    ShipmentRecord,
    WantedLine,
    WantedOrder,
)

text = st.text(max_size=12)
moments = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
numbers = st.decimals(allow_nan=False, allow_infinity=False)
odd_numbers = st.one_of(
    st.decimals(),
    st.sampled_from(
        [
            Decimal("NaN"),
            Decimal("sNaN"),
            Decimal("Infinity"),
            Decimal("-Infinity"),
            Decimal("1E+999999"),
            Decimal("1E+9999999"),
            Decimal("-1E-9999999"),
            Decimal("1" * 60),
            Decimal("-0"),
        ]
    ),
)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, or MISSING."""
    return st.one_of(st.just(MISSING), values)


addresses = st.builds(
    Address,
    **dict.fromkeys(("first_name", "last_name", "company", "address1"), text),
    **dict.fromkeys(("city", "state", "zip", "country", "email"), text),
)


def lines(quantities: st.SearchStrategy[Any] = numbers) -> st.SearchStrategy[Any]:
    return st.builds(
        LineRecord,
        salesforce_id=text,
        line_number=text,
        sku=maybe(text),
        quantity=maybe(quantities),
        unit_price=maybe(st.one_of(st.none(), quantities)),
        product_name=maybe(text),
    )


def orders(quantities: st.SearchStrategy[Any] = numbers) -> st.SearchStrategy[Any]:
    return st.builds(
        OrderRecord,
        salesforce_id=text,
        order_number=text,
        stage=st.sampled_from(OrderStage),
        status=text,
        modified_at=moments,
        is_deleted=st.booleans(),
        is_reduction=maybe(st.booleans()),
        activated_at=maybe(st.one_of(st.none(), moments)),
        ship_to=maybe(addresses),
        shipping_method=maybe(text),
        required_date=maybe(st.one_of(st.none(), days)),
        lines=maybe(st.lists(lines(quantities), max_size=4).map(tuple)),
        extra=st.lists(st.tuples(text, text), max_size=3).map(tuple),
    )


shipments = st.builds(
    ShipmentRecord,
    remote_id=text,
    legacy_id=st.one_of(st.none(), st.integers()),
    shipped_at=st.one_of(st.none(), moments),
    lines=maybe(
        st.lists(
            st.builds(
                ShipmentLineRecord,
                line_key=text,
                sku=text,
                quantity=st.integers(),
                serial_numbers=st.lists(text, max_size=2).map(tuple),
            ),
            max_size=2,
        ).map(tuple)
    ),
)
remote_orders = st.builds(
    RemoteOrder,
    remote_id=text,
    legacy_id=st.one_of(st.none(), st.integers()),
    key=text,
    order_number=text,
    status=text,
    read_at=moments,
    holds=maybe(st.frozensets(st.sampled_from(HoldKind))),
    tags=maybe(st.lists(text, max_size=3).map(tuple)),
    ship_to=maybe(addresses),
    shipments=maybe(st.lists(shipments, max_size=2).map(tuple)),
    lines=maybe(
        st.lists(
            st.builds(
                RemoteLine,
                remote_id=text,
                legacy_id=st.none(),
                key=text,
                sku=text,
                quantity=st.integers(min_value=0),
            ),
            max_size=3,
        ).map(tuple)
    ),
)
wanted_lines = st.lists(
    st.builds(
        WantedLine, key=text, sku=text, quantity=st.integers(min_value=1, max_value=99)
    ),
    max_size=5,
    unique_by=lambda line: line.key,
).map(tuple)
wanted_orders = st.builds(
    WantedOrder,
    key=text,
    order_number=text,
    shop_name=text,
    ship_to=addresses,
    lines=wanted_lines,
    method_title=text,
    carrier=text,
    method=text,
    packing_note=text,
    required_date=text,
    tags=st.lists(text, max_size=2).map(tuple),
)
