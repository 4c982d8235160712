"""From order_create to allocation, and what holds do."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.shiphero import judge
from connectors.sandbox.shiphero.world import ShipHeroWorld
from tests.unit.connectors.sandbox.shiphero.conftest import (
    CREATE,
    GOOD_ADDRESS,
    Receiver,
    Remote,
    order_input,
)

BY_KEY = "query ($key: String) { orders(partner_order_id: $key) "
BY_KEY += "{ data(first: 5) { edges { node { id } } } } }"


def found(remote: Remote, **filters: Any) -> list[str]:
    """Keys of the orders a filter finds."""
    arguments = ", ".join(
        f"{name}: {str(value).lower() if isinstance(value, bool) else repr(value)}"
        for name, value in filters.items()
    ).replace("'", '"')
    body = remote.ask(
        f"{{ orders({arguments}) {{ data(first: 50) {{ edges {{ node "
        "{ partner_order_id } } } } }"
    )
    assert "errors" not in body, body
    edges = body["data"]["orders"]["data"]["edges"]
    return [edge["node"]["partner_order_id"] for edge in edges]


def test_an_order_is_accepted_at_once_and_processed_later(remote: Remote) -> None:
    order = remote.create("A-1")
    assert order["fulfillment_status"] == "pending"
    assert order["tags"] == []
    remote.wait(16)
    assert remote.order(order["id"])["allocations"] == []
    remote.wait(2)
    after = remote.order(order["id"])
    assert after["tags"] == ["domestic"]
    assert after["allocations"][0]["ready_to_ship"]


def test_the_key_defaults_to_the_order_number(remote: Remote) -> None:
    assert remote.create("A-1", partner_order_id=None)["partner_order_id"] == ("N-A-1")


def test_a_key_may_be_used_twice_and_the_judge_sees_it(
    remote: Remote, world: ShipHeroWorld
) -> None:
    first = remote.create("A-1")
    second = remote.create("A-1", holds={"operator_hold": True})
    assert judge.pickable_duplicates(world) == {}
    assert judge.held_extras(world) == {"A-1": [second["id"]]}
    remote.change(
        "order_update_holds",
        "UpdateOrderHoldsInput",
        order_id=second["id"],
        operator_hold=False,
    )
    assert judge.pickable_duplicates(world) == {"A-1": [first["id"], second["id"]]}
    remote.change("order_cancel", "CancelOrderInput", order_id=second["id"])
    assert judge.pickable_duplicates(world) == {}
    assert judge.created_exactly_once(world) == {"A-1"}


def test_a_key_may_be_refused_the_second_time(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.set_switches({"duplicate_create": "reject"})
    remote.create("A-1")
    body = remote.ask(CREATE, data=order_input("A-1"))
    assert "already exists" in body["errors"][0]["message"]
    assert len(judge.orders_by_key(world)["A-1"]) == 1


def test_an_unknown_sku_is_accepted_and_never_allocated(remote: Remote) -> None:
    order = remote.create("A-1", lines={"NOPE": 3})
    remote.wait(20)
    line = remote.order(order["id"])["line_items"][0]
    assert line["backorder_quantity"] == 3


def test_an_unknown_sku_may_be_refused(remote: Remote, world: ShipHeroWorld) -> None:
    world.set_switches({"unknown_sku": "reject"})
    body = remote.ask(CREATE, data=order_input("A-1", lines={"NOPE": 3}))
    assert body["data"] == {"order_create": None}
    assert world.ledger()[-1].outcome == "refused"


def test_long_and_doubled_line_ids_are_refused(remote: Remote) -> None:
    data = order_input("A-1")
    data["line_items"][0]["partner_line_item_id"] = "x" * 46
    assert "45" in remote.ask(CREATE, data=data)["errors"][0]["message"]
    data = order_input("A-1")
    data["line_items"] *= 2
    assert "already" in remote.ask(CREATE, data=data)["errors"][0]["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"zip": "7410"},
        {"state": "Oklahomaa", "state_code": "XX"},
        {"city": ""},
        {"country": "Germania", "country_code": "Germania"},
    ],
)
def test_a_bad_address_holds_the_order_later(
    remote: Remote, wrong: dict[str, str]
) -> None:
    order = remote.create("A-1", shipping_address=GOOD_ADDRESS | wrong)
    assert not order["holds"]["address_hold"]
    remote.wait(20)
    after = remote.order(order["id"])
    assert after["holds"]["address_hold"]
    assert after["allocations"] == []


@pytest.mark.parametrize(
    "flag", ["skip_address_validation", "ignore_address_validation_errors"]
)
def test_address_validation_can_be_waived(remote: Remote, flag: str) -> None:
    address = GOOD_ADDRESS | {"zip": "1"}
    order = remote.create("A-1", shipping_address=address, **{flag: True})
    remote.wait(20)
    assert not remote.order(order["id"])["holds"]["address_hold"]


def test_a_corrected_address_lifts_validations_own_hold(remote: Remote) -> None:
    order = remote.create("A-1", shipping_address=GOOD_ADDRESS | {"zip": "1"})
    remote.wait(20)
    remote.change(
        "order_update",
        "UpdateOrderInput",
        order_id=order["id"],
        shipping_address=GOOD_ADDRESS,
    )
    remote.wait(6)
    after = remote.order(order["id"])
    assert not after["holds"]["address_hold"]
    assert after["allocations"]


@pytest.mark.parametrize(
    ("when", "held_webhooks", "all_webhooks"),
    [("release", [], [1]), ("create", [0], [0]), ("both", [0], [0, 1])],
)
def test_held_orders_get_stock_when_the_switch_says(
    remote: Remote,
    world: ShipHeroWorld,
    receiver: Receiver,
    when: str,
    held_webhooks: list[int],
    all_webhooks: list[int],
) -> None:
    world.set_switches({"allocate_at": when, "auto_floor": False})
    remote.register("Order Allocated")
    order = remote.create("A-1", holds={"payment_hold": True})
    remote.wait(20)
    told = [body["ready_to_ship"] for body in receiver.of("Order Allocated")]
    assert told == held_webhooks
    remote.change(
        "order_update_holds",
        "UpdateOrderHoldsInput",
        order_id=order["id"],
        payment_hold=False,
    )
    remote.wait(8)
    told = [body["ready_to_ship"] for body in receiver.of("Order Allocated")]
    assert told == all_webhooks
    assert remote.order(order["id"])["allocations"][0]["ready_to_ship"]


@pytest.mark.parametrize("when", ["release", "create", "both"])
def test_held_orders_are_never_picked(
    remote: Remote, world: ShipHeroWorld, when: str
) -> None:
    world.set_switches({"allocate_at": when})
    order = remote.create("A-1", holds={"operator_hold": True})
    remote.wait(600, step=10)
    after = remote.order(order["id"])
    assert after["line_items"][0]["tote_picks"] == []
    assert after["shipments"] == []


def test_only_the_holds_given_change(remote: Remote) -> None:
    order = remote.create("A-1", holds={"operator_hold": True, "payment_hold": True})
    remote.change(
        "order_update_holds",
        "UpdateOrderHoldsInput",
        order_id=order["id"],
        payment_hold=False,
    )
    holds = remote.order(order["id"])["holds"]
    assert holds["operator_hold"]
    assert not holds["payment_hold"]


def test_a_date_holds_until_it_is_reached(remote: Remote) -> None:
    order = remote.create("A-1", hold_until_date="2026-01-05T09:05:00")
    remote.wait(290, step=10)
    assert remote.order(order["id"])["allocations"] == []
    remote.wait(20)
    assert remote.order(order["id"])["allocations"]


def test_lists_may_show_a_new_order_late(remote: Remote, world: ShipHeroWorld) -> None:
    world.set_switches({"lookup_lag": 15.0})
    order = remote.create("A-1")
    assert remote.ask(BY_KEY, key="A-1")["data"]["orders"]["data"]["edges"] == []
    assert remote.order(order["id"])["id"] == order["id"]
    remote.wait(16)
    assert remote.ask(BY_KEY, key="A-1")["data"]["orders"]["data"]["edges"]


def test_orders_are_found_by_every_filter(remote: Remote, world: ShipHeroWorld) -> None:
    world.set_switches({"auto_floor": False})
    remote.create("A-1", tags=["rush"], email="a@shop.example")
    remote.wait(30)
    remote.create("B-1", holds={"operator_hold": True}, lines={"SKU-2": 99})
    remote.wait(30)
    primary = world.warehouse_named("Primary")["id"]
    assert found(remote, partner_order_id="A-1") == ["A-1"]
    assert found(remote, order_number="N-B-1") == ["B-1"]
    assert found(remote, tag="rush") == ["A-1"]
    assert found(remote, email="a@shop.example") == ["A-1"]
    assert found(remote, has_hold=True) == ["B-1"]
    assert found(remote, operator_hold=False) == ["A-1"]
    assert found(remote, sku="SKU-2") == ["B-1"]
    assert found(remote, ready_to_ship=True) == ["A-1"]
    assert found(remote, warehouse_id=primary) == ["A-1"]
    assert found(remote, allocated_warehouse_id=primary) == ["A-1"]
    assert found(remote, created_from="2026-01-05T09:00:20") == ["B-1"]
    assert found(remote, updated_to="2026-01-05T09:00:20") == ["A-1"]
    assert found(remote, created_from="2026-01-05T09:00:30") == ["B-1"]
    assert found(remote, created_to="2026-01-05T09:00:00") == ["A-1"]
    assert found(remote, order_date_from="2026-01-05") == ["A-1", "B-1"]
    assert found(remote, fulfillment_status="unfulfilled") == ["A-1", "B-1"]
    assert found(remote, shop_name="other") == []


def test_a_created_range_is_at_most_a_year(remote: Remote) -> None:
    body = remote.ask(
        '{ orders(created_from: "2024-01-01", created_to: "2026-01-01") { request_id } }'
    )
    assert body["errors"]
    remote.create("A-1")
    assert found(remote, created_from="2025-11-01") == []


def test_customers_orders_are_kept_apart(remote: Remote, world: ShipHeroWorld) -> None:
    brand = world.seed_customer("Brand")
    remote.create("A-1")
    order = remote.create("B-1", customer_account_id=str(brand["legacy_id"]))
    assert found(remote, customer_account_id=brand["id"]) == ["B-1"]
    body = remote.change(
        "order_cancel",
        "CancelOrderInput",
        order_id=order["id"],
        customer_account_id=world.account["id"],
    )
    assert body["errors"][0]["code"] == 5
    body = remote.ask(CREATE, data=order_input("C-1", customer_account_id="nobody"))
    assert body["errors"][0]["code"] == 5


def test_the_ledger_tells_who_was_created_and_how_held(
    remote: Remote, world: ShipHeroWorld
) -> None:
    order = remote.create("A-1", holds={"operator_hold": True})
    entry = world.ledger(call="shiphero.order_create")[-1]
    assert entry.subject == "A-1"
    assert entry.outcome == "applied"
    assert entry.detail["order_id"] == order["id"]
    assert entry.detail["held"] == ["operator_hold"]
    assert "Jane" not in str(entry)


def test_kits_are_taken_from_their_components(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.seed_product("KIT", components={"SKU-1": 2, "SKU-2": 1})
    order = remote.create("A-1", lines={"KIT": 3})
    remote.wait(20)
    rows = remote.order(order["id"])["allocations"][0]["line_items"]
    assert {row["sku"]: row["quantity_allocated"] for row in rows} == {
        "SKU-1": 6,
        "SKU-2": 3,
    }
    assert all(row["is_kit_component"] for row in rows)


def test_an_order_made_as_fulfilled_is_left_alone(remote: Remote) -> None:
    order = remote.create("A-1", fulfillment_status="fulfilled")
    remote.wait(200, step=10)
    after = remote.order(order["id"])
    assert after["allocations"] == after["shipments"] == []


def test_an_early_edit_does_not_hurry_processing(remote: Remote) -> None:
    order = remote.create("A-1")
    edit = ("order_update", "UpdateOrderInput")
    remote.change(*edit, order_id=order["id"], packing_note="x")
    remote.wait(16)
    assert remote.order(order["id"])["tags"] == []
    remote.wait(2)
    assert remote.order(order["id"])["tags"] == ["domestic"]
