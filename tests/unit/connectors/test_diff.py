"""The smallest change between two pictures."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.diff import (
    AT_CREATION,
    EVERY_GROUP,
    GROUPS,
    LINE_FIELDS,
    LINES,
    TAGS,
    Change,
    Picture,
    apply,
    diff,
    families,
    group_hashes,
    unchanged_groups,
)
from orders.pictures import to_picture
from orders.records import WantedOrder
from tests.unit.orders import strategies as some

MUG = {"key": "a", "sku": "MUG", "quantity": 2, "price": "2.00", "warehouse": "W1"}
TEE = {"key": "b", "sku": "TEE", "quantity": 1}
BASE: Picture = {
    "ship_to": {"city": "Tulsa"},
    "carrier": "ups",
    "method": "ground",
    "method_title": "Ground",
    "packing_note": "",
    "required_date": "",
    "shipping_price": "0.00",
    "bill_to": {"city": "Tulsa"},
    "gift_note": "",
    "is_gift": False,
    "require_signature": False,
    "adult_signature": False,
    "insurance": False,
    "insurance_amount": "",
    "total_tax": "0.00",
    "total_discount": "0.00",
    "tags": ["ours"],
    "lines": [MUG, TEE],
}


def shown(changes: list[Change]) -> list[tuple[str, str]]:
    return [(change.group, change.name) for change in changes]


OTHER: Picture = {
    "ship_to": {"city": "Bixby"},
    "bill_to": {"city": "Bixby"},
    "is_gift": True,
    "require_signature": True,
    "adult_signature": True,
    "insurance": True,
    "insurance_amount": "5.00",
    "total_tax": "5.00",
    "total_discount": "5.00",
    "shipping_price": "5.00",
}


@pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group in GROUPS for name in GROUPS[group]]
)
def test_each_field_of_each_group_is_a_change_of_that_group_alone(
    group: str, name: str
) -> None:
    wanted = {**BASE, name: OTHER.get(name, "other")}

    assert shown(diff(wanted, BASE)) == [(group, name)]
    same = unchanged_groups(group_hashes(wanted), group_hashes(BASE))
    assert {*EVERY_GROUP} - {*same} == {group}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"ship_to": {"city": "Bixby"}}, [("address", "ship_to")], id="city"
        ),
        pytest.param({"method": "air"}, [("shipping", "method")], id="method"),
        pytest.param({"packing_note": "Gift"}, [("header", "packing_note")], id="note"),
        pytest.param(
            {"required_date": "2026-12-24"}, [("header", "required_date")], id="date"
        ),
        pytest.param({"email": "new@x.example"}, [], id="what nobody pushes"),
        pytest.param({"lines": [TEE, MUG]}, [], id="lines in another order"),
        pytest.param(
            {"lines": [{**MUG, "quantity": 3}, TEE]},
            [("lines_changed", "a")],
            id="quantity",
        ),
        pytest.param({"lines": [MUG]}, [("lines_removed", "b")], id="line removed"),
        pytest.param(
            {"lines": [MUG, TEE, {"key": "c", "sku": "CAP", "quantity": 1}]},
            [("lines_added", "c")],
            id="line added",
        ),
        pytest.param(
            {"lines": [{**MUG, "sku": "CUP"}, TEE]},
            [("lines_removed", "a"), ("lines_added", "a")],
            id="another SKU",
        ),
        pytest.param(
            {"lines": []},
            [("lines_removed", "a"), ("lines_removed", "b")],
            id="all gone",
        ),
        pytest.param({"tags": ["ours", "vip"]}, [("tags_added", "vip")], id="tag"),
        pytest.param({"tags": []}, [("tags_removed", "ours")], id="tag gone"),
        pytest.param({"tags": ["ours", "ours"]}, [], id="the same tag twice"),
        pytest.param({"shipping_price": "0"}, [], id="the same price, written shorter"),
        pytest.param(
            {"lines": [{**MUG, "price": "2.50"}, TEE]},
            [("lines_changed", "a")],
            id="price of a line",
        ),
        pytest.param(
            {"lines": [{**MUG, "price": "2.0000"}, TEE]}, [], id="price, other scale"
        ),
        pytest.param(
            {"lines": [{**MUG, "warehouse": "W2"}, TEE]},
            [("lines_changed", "a")],
            id="warehouse of a line",
        ),
        pytest.param(
            {"lines": [{**MUG, "product_name": "New name"}, TEE]},
            [],
            id="name of a line",
        ),
    ],
)
def test_change(values: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert shown(diff({**BASE, **values}, BASE)) == expected


@pytest.mark.parametrize(
    "name", [*(name for names in GROUPS.values() for name in names), TAGS]
)
def test_a_field_that_was_not_read_makes_no_change(name: str) -> None:
    not_read = {key: value for key, value in BASE.items() if key != name}

    assert diff(BASE, not_read) == []
    assert diff(not_read, BASE) == []


@pytest.mark.parametrize("side", ["wanted", "acknowledged"])
def test_lines_that_were_not_read_make_no_change_and_no_removal(side: str) -> None:
    without = {key: value for key, value in BASE.items() if key != "lines"}
    pair = (without, BASE) if side == "wanted" else (BASE, without)

    assert diff(*pair) == []


def test_a_line_at_zero_is_gone_already() -> None:
    assert (
        diff({**BASE, "lines": [MUG]}, {**BASE, "lines": [MUG, {**TEE, "quantity": 0}]})
        == []
    )


def test_a_change_tells_what_stood_there_and_what_shall() -> None:
    (change,) = diff({**BASE, "packing_note": "Gift"}, BASE)

    assert change == Change("header", "packing_note", "", "Gift")


@given(some.wanted_orders)
def test_equal_pictures_differ_in_nothing(wanted: WantedOrder) -> None:
    assert diff(to_picture(wanted), to_picture(wanted)) == []


@given(some.wanted_orders, some.wanted_orders)
def test_applying_the_changes_makes_what_is_wanted(
    one: WantedOrder, other: WantedOrder
) -> None:
    wanted, before = to_picture(one), to_picture(other)

    after = apply(diff(wanted, before), before)

    assert essence(after) == essence(wanted)
    assert diff(wanted, after) == []
    assert group_hashes(after) == group_hashes(wanted)


@given(some.wanted_orders, some.wanted_orders)
def test_a_group_whose_hash_is_the_same_makes_no_change(
    one: WantedOrder, other: WantedOrder
) -> None:
    wanted, before = to_picture(one), to_picture(other)
    same = unchanged_groups(group_hashes(wanted), group_hashes(before))

    assert families(diff(wanted, before)).isdisjoint(same)


@given(some.wanted_orders, some.wanted_orders)
def test_without_any_one_of_the_changes_it_is_not_what_is_wanted(
    one: WantedOrder, other: WantedOrder
) -> None:
    wanted, before = to_picture(one), to_picture(other)
    changes = diff(wanted, before)

    added = {change.name for change in changes if change.group == "lines_added"}
    for left_out, change in enumerate(changes):
        if change.group == "lines_removed" and change.name in added:
            continue  # a line of another SKU takes its place in the picture
        some_of_them = [*changes[:left_out], *changes[left_out + 1 :]]
        assert diff(wanted, apply(some_of_them, before)) != []


def test_every_field_of_an_order_is_in_a_group_or_said_to_be_for_creation_only() -> (
    None
):
    """A new field of the picture is never forgotten by the edits."""
    grouped = {name for names in GROUPS.values() for name in names}
    known = grouped | {TAGS, LINES} | AT_CREATION
    fields = {field.name for field in dataclasses.fields(WantedOrder)}

    assert fields <= known, f"Say in connectors.diff what {fields - known} belong to."


@given(some.wanted_orders, some.wanted_orders)
def test_no_line_is_named_twice_but_for_another_sku(
    one: WantedOrder, other: WantedOrder
) -> None:
    touched = [
        (change.group, change.name)
        for change in diff(to_picture(one), to_picture(other))
        if change.group.startswith("lines")
    ]

    assert len(touched) == len(set(touched))


def essence(picture: Picture) -> dict[str, Any]:
    """All that can be edited, however its rows are ordered."""
    lines = {
        line["key"]: tuple(line[name] for name in ("sku", *LINE_FIELDS))
        for line in picture[LINES]
    }
    heads = {
        name: picture[name]
        for names in GROUPS.values()
        for name in names
        if name in picture
    }
    return {**heads, TAGS: set(picture[TAGS]), LINES: lines}


@given(st.lists(st.sampled_from([MUG, TEE]), unique_by=lambda line: str(line["key"])))
def test_the_order_of_lines_means_nothing(lines: list[dict[str, Any]]) -> None:
    assert diff({**BASE, "lines": lines}, {**BASE, "lines": lines[::-1]}) == []
