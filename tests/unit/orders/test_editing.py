"""Which calls an edit takes, and what a reading says became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.diff import Picture, apply, diff
from orders.editing import (
    EditPlan,
    accepted_picture,
    left_undone,
    line_name,
    plan_edit,
    too_late,
)
from orders.pictures import to_picture
from orders.records import (
    MISSING,
    Address,
    AllocationRecord,
    LineChange,
    OrderChanges,
    RemoteLine,
    RemoteOrder,
    ShipmentRecord,
    WantedLine,
    WantedOrder,
)
from tests.unit.orders import strategies as some

# The warehouse names a line without our key itself.
wanted_orders = some.wanted_orders.filter(lambda order: all(x.key for x in order.lines))
few = settings(max_examples=60)
NOW = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
HOME = Address(last_name="Byron", address1="12 Mill Lane", city="Tulsa", country="US")
MUG = WantedLine("a", "MUG", 2, price="2.00")
TEE = WantedLine("b", "TEE", 1)
BASE = WantedOrder(
    key="K",
    order_number="100",
    shop_name="shop",
    ship_to=HOME,
    lines=(MUG, TEE),
    method_title="Ground",
    carrier="ups",
    method="ground",
    tags=("ours",),
)


def remote_of(wanted: WantedOrder, **values: Any) -> RemoteOrder:
    """The warehouse order that stands exactly as wanted."""
    standing = RemoteOrder(
        remote_id="R",
        legacy_id=1,
        key=wanted.key,
        order_number=wanted.order_number,
        status="pending",
        read_at=NOW,
        tags=tuple(dict.fromkeys(wanted.tags)),
        ship_to=wanted.ship_to,
        method_title=wanted.method_title,
        carrier=wanted.carrier,
        method=wanted.method,
        packing_note=wanted.packing_note,
        required_date=wanted.required_date,
        lines=tuple(
            RemoteLine(
                f"r{line.key}",
                None,
                line.key,
                line.sku,
                line.quantity,
                price=line.price,
            )
            for line in wanted.lines
        ),
    )
    return replace(standing, **values)


def plan(wanted: WantedOrder, remote: RemoteOrder | None = None) -> EditPlan:
    changes = diff(to_picture(wanted), to_picture(BASE))
    return plan_edit(changes, to_picture(wanted), remote or remote_of(BASE))


BIXBY = replace(HOME, city="Bixby")
CAP = WantedLine("c", "CAP", 3)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({}, EditPlan(), id="nothing"),
        pytest.param(
            {"ship_to": BIXBY}, EditPlan(OrderChanges(ship_to=BIXBY)), id="address"
        ),
        pytest.param(
            {"method": "air", "method_title": "Air"},
            EditPlan(OrderChanges(method_title="Air", carrier="ups", method="air")),
            id="shipping words go together",
        ),
        pytest.param(
            {"ship_to": BIXBY, "packing_note": "Gift"},
            EditPlan(OrderChanges(ship_to=BIXBY, packing_note="Gift")),
            id="address and note are one call",
        ),
        pytest.param(
            {"lines": (replace(MUG, quantity=5), TEE)},
            EditPlan(updated=(LineChange("ra", quantity=5),)),
            id="quantity",
        ),
        pytest.param(
            {"lines": (replace(MUG, price="3.00"), TEE)},
            EditPlan(updated=(LineChange("ra", price="3.00"),)),
            id="price",
        ),
        pytest.param({"lines": (MUG,)}, EditPlan(removed=("rb",)), id="line removed"),
        pytest.param(
            {"lines": (MUG, TEE, CAP)}, EditPlan(added=(CAP,)), id="line added"
        ),
        pytest.param(
            {"lines": (replace(MUG, sku="CUP"), TEE)},
            EditPlan(removed=("ra",), added=(replace(MUG, sku="CUP"),)),
            id="another SKU is a removal and an addition",
        ),
        pytest.param(
            {"lines": (replace(MUG, warehouse="W2"), TEE)},
            EditPlan(updated=(LineChange("ra", warehouse="W2"),)),
            id="one line moves to a warehouse",
        ),
        pytest.param(
            {
                "lines": (
                    replace(MUG, warehouse="W2"),
                    replace(TEE, warehouse="W2"),
                )
            },
            EditPlan(warehouse="W2"),
            id="the whole order moves",
        ),
        pytest.param(
            {
                "lines": (
                    replace(MUG, warehouse="W2", quantity=1),
                    replace(TEE, warehouse="W2"),
                )
            },
            EditPlan(
                updated=(
                    LineChange("ra", quantity=1, warehouse="W2"),
                    LineChange("rb", warehouse="W2"),
                )
            ),
            id="a move and a quantity are one call",
        ),
        pytest.param(
            {"tags": ("ours", "vip")}, EditPlan(tags_added=("vip",)), id="tag added"
        ),
        pytest.param({"tags": ()}, EditPlan(tags=()), id="tag removed"),
        pytest.param(
            {"tags": ("vip",)}, EditPlan(tags=("vip",)), id="one tag for another"
        ),
        pytest.param({"email": "x@y.example"}, EditPlan(), id="fixed at creation"),
    ],
)
def test_an_edit_takes_the_fewest_calls(
    values: dict[str, Any], expected: EditPlan
) -> None:
    assert plan(replace(BASE, **values)) == expected


@pytest.mark.parametrize(
    ("values", "standing", "expected"),
    [
        pytest.param(
            {"tags": ("vip",)},
            {"tags": ("ours", "theirs")},
            EditPlan(tags=("theirs", "vip")),
            id="tags of staff stay",
        ),
        pytest.param(
            {"tags": ("ours", "vip")},
            {"tags": MISSING},
            EditPlan(tags_added=("vip",)),
            id="unread tags are never replaced",
        ),
        pytest.param({"tags": ()}, {"tags": MISSING}, EditPlan(), id="nor removed"),
        pytest.param(
            {"ship_to": BIXBY}, {"ship_to": BIXBY}, EditPlan(), id="stands already"
        ),
        pytest.param(
            {"ship_to": BIXBY},
            {"ship_to": MISSING},
            EditPlan(OrderChanges(ship_to=BIXBY)),
            id="an unread address is sent",
        ),
        pytest.param(
            {"lines": (MUG,)},
            {"lines": remote_of(replace(BASE, lines=(MUG,))).lines},
            EditPlan(),
            id="removed already",
        ),
        pytest.param(
            {"lines": (replace(MUG, quantity=5), TEE)},
            {"lines": remote_of(replace(BASE, lines=(TEE,))).lines},
            EditPlan(added=(replace(MUG, quantity=5),)),
            id="a changed line that staff took away is added",
        ),
    ],
)
def test_what_stands_already_is_not_sent(
    values: dict[str, Any], standing: dict[str, Any], expected: EditPlan
) -> None:
    assert plan(replace(BASE, **values), remote_of(BASE, **standing)) == expected


@few
@given(wanted_orders, wanted_orders)
def test_the_calls_bring_the_warehouse_to_what_is_wanted(
    one: WantedOrder, other: WantedOrder
) -> None:
    changes = diff(to_picture(one), to_picture(other))
    before = remote_of(other)

    made = plan_edit(changes, to_picture(one), before)
    after = done(before, made)

    assert left_undone(changes, before, after) == []
    assert {line_name(x): (x.sku, x.quantity) for x in after.lines or ()} == {
        line.key: (line.sku, line.quantity) for line in one.lines
    }
    assert after.ship_to == one.ship_to
    assert set(after.tags or ()) == set(one.tags)
    again = plan_edit(changes, to_picture(one), after)
    assert again.calls == 0


def test_the_new_line_of_a_changed_sku_is_not_taken_for_the_old_one() -> None:
    other_sku = replace(BASE, lines=(replace(MUG, sku="MUG-2"),))
    changes = diff(to_picture(other_sku), to_picture(replace(BASE, lines=(MUG,))))
    old, new = remote_of(replace(BASE, lines=(MUG,))), remote_of(other_sku)
    both = replace(old, lines=(*(new.lines or ()), *(old.lines or ())))

    assert plan_edit(changes, to_picture(other_sku), new).calls == 0
    assert plan_edit(changes, to_picture(other_sku), both).removed == (
        (old.lines or ())[0].remote_id,
    )
    assert [c.group for c in left_undone(changes, old, both)] == ["lines_removed"]


@few
@given(wanted_orders)
def test_nothing_to_change_takes_no_call(wanted: WantedOrder) -> None:
    picture = to_picture(wanted)

    assert plan_edit(diff(picture, picture), picture, remote_of(wanted)).calls == 0


def done(remote: RemoteOrder, made: EditPlan) -> RemoteOrder:
    """A warehouse that does what it is told."""
    lines = {line.remote_id: line for line in remote.lines or ()}
    for change in made.updated:
        if change.quantity is not MISSING:
            lines[change.remote_id] = replace(
                lines[change.remote_id], quantity=change.quantity
            )
    for gone in made.removed:
        del lines[gone]
    for line in made.added:
        lines[f"new {line.key}"] = RemoteLine(
            f"new {line.key}", None, line.key, line.sku, line.quantity
        )
    tags = (
        made.tags if made.tags is not None else (*(remote.tags or ()), *made.tags_added)
    )
    heads = {
        name: value
        for name in ("ship_to", "method_title", "packing_note", "required_date")
        if made.head and (value := getattr(made.head, name)) is not MISSING
    }
    if "method_title" in heads and made.head:
        heads |= {"carrier": made.head.carrier, "method": made.head.method}
    return replace(remote, lines=tuple(lines.values()), tags=tags, **heads)


LOCKED = AllocationRecord("A", "W", None, ready_to_ship=True, is_locked=True)
PICKED = RemoteLine("ra", None, "a", "MUG", 2, picked=1)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        pytest.param({}, "", id="open"),
        pytest.param({"status": "canceled"}, "canceled", id="canceled"),
        pytest.param({"status": "fulfilled"}, "closed", id="closed"),
        pytest.param({"status": "Gift wrap"}, "", id="a status of the account's own"),
        pytest.param(
            {"shipments": (ShipmentRecord("S", 1, NOW),)}, "shipped", id="shipped"
        ),
        pytest.param(
            {"shipments": (ShipmentRecord("S", 1, NOW, is_void=True),)},
            "",
            id="its shipment is void",
        ),
        pytest.param({"merged_into": "M"}, "merged", id="merged"),
        pytest.param({"lines": (PICKED,)}, "tote", id="in a tote"),
        pytest.param({"allocations": (LOCKED,)}, "packed", id="locked"),
        pytest.param({"lines": MISSING, "allocations": MISSING}, "", id="not read"),
    ],
)
def test_an_edit_is_too_late(values: dict[str, Any], word: str) -> None:
    found = too_late(remote_of(BASE, **values))

    assert bool(found) == bool(word)
    assert word in found


WANTED = replace(
    BASE,
    ship_to=BIXBY,
    method="air",
    lines=(replace(MUG, quantity=5), CAP),
    tags=("x",),
)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(remote_of(WANTED), set(), id="all applied"),
        pytest.param(
            remote_of(BASE),
            {"address", "shipping", "lines", "tags"},
            id="nothing applied",
        ),
        pytest.param(
            remote_of(WANTED, ship_to=HOME), {"address"}, id="all but the address"
        ),
        pytest.param(
            remote_of(WANTED, ship_to=replace(BIXBY, zip="74008-1234")),
            set(),
            id="the warehouse wrote the address in its way",
        ),
        pytest.param(
            remote_of(WANTED, lines=remote_of(BASE).lines), {"lines"}, id="no line"
        ),
        pytest.param(remote_of(WANTED, ship_to=MISSING), set(), id="not read back"),
        pytest.param(remote_of(WANTED, lines=MISSING), set(), id="lines not read"),
    ],
)
def test_the_reading_afterwards_says_what_was_not_done(
    after: RemoteOrder, expected: set[str]
) -> None:
    changes = diff(to_picture(WANTED), to_picture(BASE))

    undone = left_undone(changes, remote_of(BASE), after)

    assert {change.family for change in undone} == expected


def test_what_the_warehouse_s_rules_decide_is_never_undone() -> None:
    wanted = replace(BASE, method="air")
    changes = diff(to_picture(wanted), to_picture(BASE))
    rules = frozenset({"shipping"})

    assert left_undone(changes, remote_of(BASE), remote_of(BASE))
    assert not left_undone(changes, remote_of(BASE), remote_of(BASE), free_groups=rules)


def test_accepted_is_what_was_wanted_but_for_what_was_not_done() -> None:
    changes = diff(to_picture(WANTED), to_picture(BASE))
    after = remote_of(WANTED, ship_to=HOME)
    undone = left_undone(changes, remote_of(BASE), after)

    known = accepted_picture(to_picture(WANTED), to_picture(BASE), undone, after)

    assert known["ship_to"] == to_picture(HOME)
    assert known["method"] == "air"
    assert [change.family for change in diff(to_picture(WANTED), known)] == ["address"]


def test_a_line_that_staff_added_is_not_accepted_as_ours() -> None:
    gift = RemoteLine("rx", None, "gift", "CAP", 1)
    after = remote_of(BASE, lines=(*remote_of(BASE).lines, gift))

    known = accepted_picture(to_picture(BASE), to_picture(BASE), (), after)

    assert diff(to_picture(BASE), known) == []


def test_only_lines_that_were_edited_are_accepted_as_they_read() -> None:
    moved = replace(BASE, lines=(MUG, replace(TEE, quantity=3)))
    changes = diff(to_picture(moved), to_picture(BASE))
    after = remote_of(moved, lines=remote_of(moved).lines[1:])  # the mug was cut there

    known = accepted_picture(
        to_picture(moved), to_picture(BASE), (), after, edited=changes
    )

    assert diff(to_picture(moved), known) == []


@few
@given(wanted_orders, wanted_orders, st.data())
def test_a_retry_sends_only_what_was_not_done(
    one: WantedOrder, other: WantedOrder, data: st.DataObject
) -> None:
    """Whatever subset a warehouse applied, the next diff holds nothing of it."""
    wanted, base = to_picture(one), to_picture(other)
    heads = [
        c for c in diff(wanted, base) if not c.family.startswith(("lines", "tags"))
    ]
    applied = [c for c in heads if data.draw(st.booleans(), label=c.name)]
    reached: Picture = apply(applied, base)
    after = remote_of(other, **_read(one, applied))

    undone = left_undone(heads, remote_of(other), after)
    known = accepted_picture(wanted, base, undone, after)

    left = {c.name for c in diff(wanted, known) if c.family in {"address", "header"}}
    assert left == {
        c.name for c in diff(wanted, reached) if c.family in {"address", "header"}
    }


def _read(wanted: WantedOrder, applied: list[Any]) -> dict[str, Any]:
    return {
        change.name: getattr(wanted, change.name)
        for change in applied
        if change.name != "shipping_price"
    }
