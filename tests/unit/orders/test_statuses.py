"""Facts in, status out."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import statuses
from orders.statuses import (
    LineFacts,
    OrderFacts,
    PackageFacts,
    ShipmentFacts,
    derive,
)
from orders.writeback import WritebackIdentity, writeback

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
WHO = WritebackIdentity("801A", "001A", "7", "00000100", NOON)


def package(number: int, *, is_void: bool = False) -> PackageFacts:
    return PackageFacts(
        key=f"ACM-{number}",
        carrier="UPS",
        method="Ground",
        tracking_number=f"1Z{number}",
        tracking_url=f"https://ups.example/1Z{number}",
        is_void=is_void,
    )


def shipment(
    number: int, *packages: PackageFacts, is_void: bool = False
) -> ShipmentFacts:
    return ShipmentFacts(
        key=str(number),
        shipped_at=NOON + timedelta(hours=number),
        is_void=is_void,
        packages=packages or (package(number),),
    )


def exported(**values: Any) -> OrderFacts:
    return OrderFacts(
        **{"remote_id": "T3JkZXI6Nw==", "remote_status": "pending", **values}
    )


TWO = (LineFacts("a", 2), LineFacts("b", 1))


def two(**values: Any) -> tuple[LineFacts, ...]:
    """Two lines, the first of them in this state."""
    return (replace(TWO[0], **values), TWO[1])


ALL_SHIPPED = (LineFacts("a", 2, shipped=2), LineFacts("b", 1, shipped=1))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        pytest.param(OrderFacts(), "waiting", id="nothing known"),
        pytest.param(
            OrderFacts(excluded="It is a draft."), "not_exported", id="excluded"
        ),
        pytest.param(OrderFacts(failure="No zip."), "failed", id="failed"),
        pytest.param(
            OrderFacts(failure="No zip.", excluded="Draft."),
            "failed",
            id="failed, excluded",
        ),
        pytest.param(OrderFacts(is_canceled=True), "canceled", id="canceled"),
        pytest.param(exported(lines=TWO), "sent", id="just sent"),
        pytest.param(
            exported(lines=TWO, remote_status=""), "sent", id="status not read"
        ),
        pytest.param(
            exported(lines=TWO, is_held_by_us=True), "sent", id="not yet released"
        ),
        pytest.param(
            exported(lines=two(allocated=2), is_held_by_us=True),
            "sent",
            id="allocated while held by us",
        ),
        pytest.param(exported(lines=TWO, holds=("fraud",)), "on_hold", id="on hold"),
        pytest.param(exported(lines=two(allocated=2)), "in_warehouse", id="allocated"),
        pytest.param(
            exported(lines=two(allocated=1, backordered=1)), "backordered", id="short"
        ),
        pytest.param(
            exported(lines=two(picked=1, backordered=1)), "picking", id="picking"
        ),
        pytest.param(
            exported(lines=two(shipped=2), shipments=(shipment(1),)),
            "partially_shipped",
            id="one line gone",
        ),
        pytest.param(
            exported(lines=ALL_SHIPPED, shipments=(shipment(1),)),
            "shipped",
            id="all gone",
        ),
        pytest.param(
            exported(
                lines=ALL_SHIPPED, shipments=(shipment(1),), remote_status="fulfilled"
            ),
            "shipped",
            id="closed and all gone",
        ),
        pytest.param(
            exported(lines=TWO, remote_status="fulfilled"),
            "closed",
            id="closed, none gone",
        ),
        pytest.param(
            exported(lines=TWO, remote_status="Closed"),
            "closed",
            id="closed in capitals",
        ),
        pytest.param(
            exported(lines=TWO, remote_status="Wholesale"),
            "sent",
            id="a status of the account's own",
        ),
        pytest.param(
            exported(lines=two(allocated=2), remote_status="Wholesale"),
            "in_warehouse",
            id="allocated in a status of the account's own",
        ),
        pytest.param(
            exported(lines=TWO, remote_status="Wholesale", is_settled=True),
            "closed",
            id="nothing left to ship in a status of the account's own",
        ),
        pytest.param(
            exported(lines=TWO, is_settled=True),
            "sent",
            id="nothing left to ship, but open",
        ),
        pytest.param(
            exported(remote_status="canceled", is_canceled=True, merged_into="order 7"),
            "closed",
            id="merged",
        ),
        pytest.param(
            exported(lines=TWO, remote_status="Pending"),
            "sent",
            id="status in capitals",
        ),
        pytest.param(
            exported(lines=TWO, shipments=(shipment(1, is_void=True),)),
            "sent",
            id="its only shipment void",
        ),
        pytest.param(
            exported(lines=ALL_SHIPPED, shipments=(shipment(1),), is_canceled=True),
            "shipped",
            id="canceled when all had gone",
        ),
        pytest.param(
            exported(lines=ALL_SHIPPED, shipments=(shipment(1),), holds=("fraud",)),
            "shipped",
            id="held when all had gone",
        ),
        pytest.param(
            exported(lines=TWO, failure="Edit too late."), "sent", id="failed edit"
        ),
        pytest.param(
            exported(lines=TWO, excluded="Draft."), "sent", id="excluded when sent"
        ),
    ],
)
def test_state(facts: OrderFacts, state: str) -> None:
    assert derive(facts).state == state


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param(OrderFacts(excluded="Draft."), "Draft.", id="excluded"),
        pytest.param(OrderFacts(failure="No zip."), "No zip.", id="failed"),
        pytest.param(
            exported(lines=TWO, failure="Too late."), "Too late.", id="a failed edit"
        ),
        pytest.param(
            exported(lines=TWO, remote_status="fulfilled"),
            "Closed in the warehouse as “fulfilled” without a shipment.",
            id="closed",
        ),
        pytest.param(
            exported(remote_status="canceled", merged_into="order 7"),
            "Merged in the warehouse into order 7; ships with that.",
            id="merged",
        ),
        pytest.param(
            exported(holds=("fraud", "address")),
            "On hold in the warehouse: address, fraud.",
            id="holds",
        ),
        pytest.param(
            exported(
                lines=(
                    LineFacts("a", 2, backordered=2),
                    LineFacts("b", 3, backordered=3),
                )
            ),
            "Waiting for stock: 5 short.",
            id="short",
        ),
        pytest.param(
            exported(lines=ALL_SHIPPED, shipments=(shipment(1),)), "", id="shipped"
        ),
    ],
)
def test_reason(facts: OrderFacts, reason: str) -> None:
    assert derive(facts).reason == reason


def test_every_state_has_words_for_salesforce() -> None:
    states = {
        value
        for name, value in vars(statuses).items()
        if name.isupper() and isinstance(value, str)
    }

    assert states == set(statuses.WORDS)


some_lines = st.lists(
    st.builds(
        LineFacts,
        key=st.text(max_size=3),
        ordered=st.integers(0, 3),
        shipped=st.integers(0, 3),
        allocated=st.integers(0, 3),
        backordered=st.integers(0, 3),
        picked=st.integers(0, 3),
    ),
    max_size=4,
)
some_packages = st.lists(st.sampled_from([1, 2, 3]), unique=True, max_size=3).map(
    lambda numbers: tuple(package(n, is_void=n == 3) for n in numbers)
)
some_shipments = st.lists(
    st.tuples(st.integers(1, 4), some_packages, st.booleans()),
    max_size=3,
    unique_by=lambda made: made[0],
).map(
    lambda made: [
        ShipmentFacts(str(n), NOON + timedelta(hours=n % 3), void, packages)
        for n, packages, void in made
    ]
)


@given(
    lines=some_lines,
    shipments=some_shipments,
    holds=st.lists(st.sampled_from(["fraud", "address", "payment"]), unique=True),
    remote_status=st.sampled_from(["", "pending", "fulfilled", "odd"]),
    randomness=st.randoms(use_true_random=False),
)
def test_status_and_writeback_do_not_depend_on_the_order_of_facts(
    lines: list[LineFacts],
    shipments: list[ShipmentFacts],
    holds: list[str],
    remote_status: str,
    randomness: Any,
) -> None:
    def told() -> OrderFacts:
        for facts in (lines, shipments, holds):
            randomness.shuffle(facts)
        turned = []
        for one in shipments:
            packages = list(one.packages)
            randomness.shuffle(packages)
            turned.append(replace(one, packages=tuple(packages)))
        return exported(
            lines=tuple(lines),
            shipments=tuple(turned),
            holds=tuple(holds),
            remote_status=remote_status,
        )

    once, again = told(), told()

    assert derive(once) == derive(again)
    assert writeback(once, WHO, derive(once)) == writeback(again, WHO, derive(again))


class TestWriteback:
    def shown(self, *shipments: ShipmentFacts) -> Any:
        facts = exported(lines=ALL_SHIPPED, shipments=shipments)
        return writeback(facts, WHO, derive(facts))

    def test_names_the_first_live_package(self) -> None:
        row = self.shown(
            shipment(1, package(1, is_void=True), package(2)), shipment(2, package(3))
        )

        assert (row.tracking_number, row.carrier) == ("1Z2", "UPS")
        assert row.shipped_at == NOON + timedelta(hours=1)

    def test_has_a_row_for_each_package_also_the_void_ones(self) -> None:
        row = self.shown(
            shipment(1, package(1, is_void=True), package(2)),
            shipment(2, package(3), is_void=True),
        )

        assert [(one.key, one.is_void) for one in row.packages] == [
            ("ACM-1", True),
            ("ACM-2", False),
            ("ACM-3", True),
        ]

    def test_clears_its_fields_when_no_live_package_is_left(self) -> None:
        row = self.shown(shipment(1, is_void=True))

        assert (row.carrier, row.method, row.tracking_number, row.tracking_url) == (
            ("",) * 4
        )
        assert row.shipped_at is None

    def test_shows_the_words_of_the_state(self) -> None:
        facts = exported(lines=two(backordered=1))

        assert writeback(facts, WHO, derive(facts)).status == "Backordered"


@pytest.mark.parametrize(
    "shipped", list(itertools.product(range(4), range(3))), ids=lambda pair: f"{pair}"
)
def test_shipped_means_that_every_line_has_gone(shipped: tuple[int, int]) -> None:
    lines = tuple(
        replace(line, shipped=n) for line, n in zip(TWO, shipped, strict=True)
    )
    whole = all(line.shipped >= line.ordered for line in lines)

    state = derive(exported(lines=lines, shipments=(shipment(1),))).state

    assert state == ("shipped" if whole else "partially_shipped")
