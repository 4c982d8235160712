"""The smallest change between two pictures."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.diff import GROUPS, Change, Picture, diff
from orders.pictures import to_picture
from orders.records import WantedOrder
from tests.unit.orders import strategies as some

MUG = {"key": "a", "sku": "MUG", "quantity": 2}
TEE = {"key": "b", "sku": "TEE", "quantity": 1}
BASE: Picture = {
    "ship_to": {"city": "Tulsa"},
    "carrier": "ups",
    "method": "ground",
    "method_title": "Ground",
    "packing_note": "",
    "required_date": "",
    "lines": [MUG, TEE],
}


def shown(changes: list[Change]) -> list[tuple[str, str]]:
    return [(change.group, change.name) for change in changes]


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
        pytest.param(
            {"lines": [{**MUG, "product_name": "New name"}, TEE]},
            [],
            id="name of a line",
        ),
    ],
)
def test_change(values: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert shown(diff({**BASE, **values}, BASE)) == expected


@pytest.mark.parametrize("name", [name for names in GROUPS.values() for name in names])
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


FIELDS = [name for names in GROUPS.values() for name in names]


@given(some.wanted_orders, some.wanted_orders)
def test_applying_the_changes_makes_what_is_wanted(
    one: WantedOrder, other: WantedOrder
) -> None:
    wanted, before = to_picture(one), to_picture(other)

    after = applied(diff(wanted, before), before)

    assert {name: after[name] for name in FIELDS} == {
        name: wanted[name] for name in FIELDS
    }
    assert essence(after) == essence(wanted)
    assert diff(wanted, after) == []


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


def applied(changes: list[Change], picture: Picture) -> Picture:
    """What a warehouse that does exactly these changes ends with."""
    lines = {line["key"]: line for line in picture["lines"]}
    after = {**picture}
    for change in changes:
        if change.group == "lines_removed":
            del lines[change.name]
        elif change.group.startswith("lines"):
            lines[change.name] = change.after
        else:
            after[change.name] = change.after
    return {**after, "lines": list(lines.values())}


def essence(picture: Picture) -> set[tuple[Any, ...]]:
    return {(line["key"], line["sku"], line["quantity"]) for line in picture["lines"]}


@given(st.lists(st.sampled_from([MUG, TEE]), unique_by=lambda line: str(line["key"])))
def test_the_order_of_lines_means_nothing(lines: list[dict[str, Any]]) -> None:
    assert diff({**BASE, "lines": lines}, {**BASE, "lines": lines[::-1]}) == []
