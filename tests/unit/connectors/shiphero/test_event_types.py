"""Every documented body, whole and damaged, gives a fact, a ring, or a visible failure."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.bodies import parse_body
from connectors.errors import ConnectorError
from connectors.shiphero.event_types import EVENT_TYPES, type_of, values_at
from connectors.shiphero.events import read_event
from orders.records import MISSING, WarehouseEvent
from orders.records import WarehouseEventKind as Kind

SAMPLES = Path(__file__).parents[3] / "payloads" / "shiphero"
# What the types are about; a body's file is named after its type.
KINDS = {
    "Shipment Update": Kind.SHIPMENT,
    "Order Allocated": Kind.ALLOCATED,
    "Order Deallocated": Kind.DEALLOCATED,
    "Order Canceled": Kind.CANCELED,
    "Order Packed Out": Kind.PACKED,
    "Package Added": Kind.STAGED,
    "Tote Complete": Kind.PICKED,
    "Tote Cleared": Kind.PUT_BACK,
    "Return Update": Kind.RETURN,
    "Inventory Update": Kind.STOCK,
    "Inventory Change": Kind.STOCK,
    "Automation Rules": Kind.RULE,
    "PO Update": Kind.PURCHASE,
}
# What is no webhook: answers, which other tests compare.
ANSWERS = ("auth_", "envelope", "error_")


def type_in(name: str) -> str:
    """The type that a sample's name begins with, such as `po_update_older`'s."""
    slugs = {one: one.casefold().replace(" ", "_") for one in KINDS}
    found = [one for one, slug in slugs.items() if f"{name}_".startswith(f"{slug}_")]
    return max(found, key=len, default="")


# Every file of the folder: a new body is tested because it is there.
BODIES = {
    path.stem: (type_in(path.stem), KINDS.get(type_in(path.stem)))
    for path in sorted(SAMPLES.glob("*.json"))
    if not path.stem.startswith(ANSWERS)
}
STRANGE: tuple[Any, ...] = (
    None,
    7,
    "7",
    "odd",
    -1.5,
    True,
    [],
    {},
    [{}],
    [7],
    {"a": [1]},
)


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return found


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a body."""
    pairs: Any = ()
    if isinstance(body, dict):
        pairs = body.items()
    elif isinstance(body, list):
        pairs = enumerate(body)
    for key, value in pairs:
        yield (*path, key)
        yield from places(value, (*path, key))


def changed(body: Any, path: tuple[Any, ...], *values: Any) -> Any:
    """A copy with the value at `path` replaced; without a value, taken out."""
    copied = copy.deepcopy(body)
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    if values:
        inner[path[-1]] = values[0]
    else:
        del inner[path[-1]]
    return copied


def every_damage(name: str) -> Iterator[Any]:
    body = sample(name)
    for path in places(body):
        yield changed(body, path)
        for value in STRANGE:
            yield changed(body, path, value)


def in_the_other_layout(value: Any) -> Any:
    """Numbers as text, text numbers as numbers, times with a T, a space or a zone."""
    if isinstance(value, dict):
        return {key: in_the_other_layout(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [in_the_other_layout(inner) for inner in value]
    return _scalar_otherwise(value)


def _scalar_otherwise(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and value.isdigit() and not value.startswith("0"):
        return int(value)
    if isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-":
        return value.replace("T", " ") if "T" in value else value.replace(" ", "T")
    return value


def is_useful(event: WarehouseEvent) -> bool:
    """Something follows from it: a fact, or a record to look at."""
    if event.kind is Kind.STOCK:
        return bool(event.skus)
    return bool(event.orders) or event.kind in {Kind.OTHER, Kind.PURCHASE}


def test_every_listed_type_has_a_body_or_is_known_to_have_none() -> None:
    without = {
        "Capture Payment",
        "Generate Label",
        "Print Barcode",
        "Product Update",
        "Shipment ASN",
        "Work Order Status Update",
    }
    listed = {kind.name for kind in EVENT_TYPES}

    assert listed == without | {type_name for type_name, _ in BODIES.values()}
    assert len(BODIES) >= 17


@pytest.mark.parametrize("name", BODIES)
class TestEveryBody:
    def test_is_read_as_its_type(self, name: str) -> None:
        event = read_event(sample(name))

        assert (event.type_name, event.kind) == BODIES[name]
        assert is_useful(event)

    def test_is_told_by_its_signs_where_the_type_is_gone(self, name: str) -> None:
        body = sample(name)
        body.pop("webhook_type", None)
        body.get("fulfillment", {}).pop("webhook_type", None)
        registered, kind = BODIES[name]

        assert read_event(body, registered_type=registered).kind is kind
        if name != "order_packed_out_bare":
            assert read_event(body).type_name == registered

    def test_reads_alike_in_the_other_layout(self, name: str) -> None:
        plain, other = sample(name), in_the_other_layout(sample(name))
        registered = BODIES[name][0]
        event = read_event(other, registered_type=registered)
        wanted = read_event(plain, registered_type=registered)

        assert (event.type_name, event.orders) == (wanted.type_name, wanted.orders)
        assert event.skus == wanted.skus
        assert event.occurred_at == wanted.occurred_at
        assert event.picks == wanted.picks
        assert event.returned == wanted.returned
        if wanted.shipment is not None:
            assert event.shipment == wanted.shipment

    def test_damaged_anywhere_it_is_followed_or_fails_visibly(self, name: str) -> None:
        registered = BODIES[name][0]
        for body in every_damage(name):
            raw = json.dumps(body).encode()
            with suppress(ConnectorError):
                event = read_event(parse_body(raw), registered_type=registered)
                assert is_useful(event), body


class TestTypes:
    @pytest.mark.parametrize(
        ("stated", "name"),
        [
            ("INVENTORY_UPDATE", "Inventory Update"),
            ("order allocated", "Order Allocated"),
            ("Shipment-Update", "Shipment Update"),
        ],
    )
    def test_the_spelling_of_a_type_does_not_matter(
        self, stated: str, name: str
    ) -> None:
        found = type_of({"webhook_type": stated}, "")

        assert found is not None
        assert found.name == name

    def test_a_type_that_is_none_gives_way_to_the_signs(self) -> None:
        body = sample("order_canceled") | {"webhook_type": 7}

        assert read_event(body).type_name == "Order Canceled"

    def test_an_unheard_of_type_is_kept_under_its_name(self) -> None:
        event = read_event({"webhook_type": "Pallet Moved", "order_number": "7"})

        assert (event.kind, event.type_name) == (Kind.OTHER, "Pallet Moved")
        assert event.order_number == "7"

    def test_what_the_body_states_beats_the_registration(self) -> None:
        event = read_event(sample("order_canceled"), registered_type="Order Allocated")

        assert event.kind is Kind.CANCELED


class TestSeveralOrders:
    def test_a_tote_names_each_of_its_orders_once(self) -> None:
        body = sample("tote_complete")
        row = body["totes"][0]["orders"][0]
        body["totes"].append({"orders": [row | {"order_number": "MO2"}, row]})
        event = read_event(body)

        assert [names.number for names in event.orders] == ["MO1", "MO2"]

    def test_what_was_put_back_may_be_of_several(self) -> None:
        body = sample("tote_cleared")
        body["items"].append({"order_id": 9, "sku": "x"})

        assert [names.legacy_id for names in read_event(body).orders] == [187742337, 9]


class TestFacts:
    def test_packing_tells_its_picks(self) -> None:
        (pick,) = read_event(sample("order_packed_out")).picks

        assert (pick.legacy_id, pick.sku, pick.tote) == (55, "sku1", "Tote 1")
        assert pick.remote_line_id == "TGluZUl0ZW06NDQ5OTMwNDg3"

    def test_a_return_tells_what_comes_back(self) -> None:
        told = read_event(sample("return_update")).returned

        assert told is not None
        assert (told.remote_id, told.status) == ("UmV0dXJuOjU1MDE=", "pending")
        assert told.opened_at == datetime(2022, 6, 1, 9, 15, tzinfo=UTC)
        assert told.lines is not MISSING
        assert (told.lines[0].line_key, told.lines[0].quantity) == ("1", 1)

    def test_a_return_without_its_id_fails_visibly(self) -> None:
        body = sample("return_update")
        del body["return_id"], body["return_uuid"]

        with pytest.raises(ConnectorError, match="return id"):
            read_event(body)

    @pytest.mark.parametrize("quantity", [-1, 2**31, "many", 0.5])
    def test_a_return_of_an_impossible_quantity_fails_visibly(
        self, quantity: Any
    ) -> None:
        body = changed(sample("return_update"), ("items", 0, "quantity"), quantity)

        with pytest.raises(ConnectorError, match="quantity"):
            read_event(body)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", [1]),
        ("rows[].b", [2, 3]),
        ("rows[].none", []),
        ("a.b", []),
        ("rows.b", []),
        ("none[].b", []),
    ],
)
def test_a_path_finds_what_is_there_and_nothing_else(path: str, found: Any) -> None:
    body = {"a": 1, "rows": [{"b": 2}, 7, {"b": 3}, {"c": 4}]}

    assert list(values_at(body, path)) == found
