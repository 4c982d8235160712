from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.errors import AuthError, RejectedError, ThrottledError, TransientError
from connectors.sandbox.faults import Fault
from connectors.sandbox.shiphero.server import ShipHeroSandbox
from connectors.shiphero.inputs import HEAD_FIELDS
from orders.records import (
    MISSING,
    Address,
    HoldKind,
    LineChange,
    OrderChanges,
    WantedLine,
    WantedOrder,
)
from tests.unit.connectors.shiphero.conftest import make_client, wanted

POSITIONS = [
    {},
    {"legacy_id_as_text": True},
    {"graphql_times": "zoned"},
    {"money_scale": "4"},
    {"auth_failure_body": "empty"},
    {"auth_failure_body": "json"},
    {"allocate_at": "both"},
    {"credits_max": 1001},
    {"mwa": True},
]


@pytest.mark.parametrize("switches", POSITIONS, ids=str)
def test_an_order_goes_there_and_comes_back_shipped(world, client, switches):
    world.set_switches(switches)

    made = client.create_order(
        wanted(lines=25), hold=HoldKind.OPERATOR, tags=["shipsync"]
    )
    (found,) = client.find_orders("acme-801-1")
    client.release_hold(made.remote_id, HoldKind.OPERATOR)
    world.tokens.expire_all()
    for _ in range(40):
        world.clock.advance(10)
        world.run_due()
    (order,) = client.read_orders([made.remote_id])

    assert len(made.lines) == 25
    assert found.remote_id == made.remote_id
    assert found.holds == {HoldKind.OPERATOR}
    assert found.tags == ("shipsync",)
    assert isinstance(order.legacy_id, int)
    assert order.holds == frozenset()
    assert len(order.lines) == 25
    assert order.ship_to.state == "OK"
    assert order.method == "Ground"
    assert order.packing_note == "Fragile"
    assert [line.shipped for line in order.lines] == [
        line.quantity for line in order.lines
    ]
    (shipment,) = order.shipments
    assert shipment.packages[0].tracking_number
    assert shipment.order_key == "acme-801-1"
    assert shipment.shipped_at.tzinfo is not None
    assert {line.line_key for line in shipment.lines} == {
        line.key for line in order.lines
    }
    ((again,),) = client.shipments_window(made.read_at)
    assert again.remote_id == shipment.remote_id
    assert again.order_key == "acme-801-1"
    ((moved,),) = client.orders_updated(made.read_at - timedelta(minutes=1))
    assert moved.remote_id == made.remote_id
    assert moved.lines is MISSING


def test_an_order_is_changed_piece_by_piece(world, client):
    made = client.create_order(wanted(), hold=HoldKind.OPERATOR)

    client.update_order(made.remote_id, OrderChanges(packing_note="Glass"))
    client.add_lines(made.remote_id, [WantedLine(key="802-9", sku="ABC-1", quantity=1)])
    client.update_lines(
        made.remote_id, [LineChange(made.lines[0].remote_id, quantity=7)]
    )
    client.remove_lines(made.remote_id, [made.lines[1].remote_id])
    client.add_tags(made.remote_id, ["rush"])
    client.add_history_entry(made.remote_id, "Held by ShipSync")
    (order,) = client.read_orders([made.remote_id])

    assert order.packing_note == "Glass"
    assert {(line.key, line.quantity) for line in order.lines} == {
        ("802-0", 7),
        ("802-9", 1),
    }
    assert "rush" in order.tags
    assert [one.remote_id for one in client.held_orders("rush")] == [made.remote_id]


def test_a_canceled_order_says_so(world, client):
    made = client.create_order(wanted(), hold=HoldKind.OPERATOR)

    assert client.cancel_order(made.remote_id, "No longer wanted").is_canceled


def test_many_orders_are_read_in_affordable_pages(world):
    world.set_switches({"credits_max": 1001, "credits_rate": 100_000})
    client = make_client(ShipHeroSandbox(world).app, clock=world.clock.now)
    made = []
    for at in range(12):
        made.append(client.create_order(wanted(f"k-{at}"), hold=None).remote_id)
        world.clock.advance(1)
    client.drain()

    class Patient:
        def take(self, cost):
            assert cost <= 1001 / 4
            world.clock.advance(5)

        def learn(self, remaining, capacity, rate):
            pass

    client = make_client(
        ShipHeroSandbox(world).app, clock=world.clock.now, credits=Patient()
    )
    found = client.read_orders([*made, made[0], "T3JkZXI6OTk5OTk5"])

    assert {order.remote_id for order in found} == set(made)


@pytest.mark.parametrize("extras", ["top", "extensions"])
def test_a_throttled_call_says_how_long(world, client, extras):
    world.set_switches({"error_extras": extras})
    world.faults.script("shiphero.orders", Fault.THROTTLED)

    with pytest.raises(ThrottledError) as caught:
        client.find_orders("k")

    assert caught.value.wait > timedelta(seconds=1)


@pytest.mark.parametrize("body", ["json", "html", "empty"])
def test_an_expired_token_is_renewed_unseen(world, client, body):
    world.set_switches({"auth_failure_body": body})
    client.quota()
    world.faults.script("shiphero.order_create", Fault.EXPIRED_TOKEN)

    client.create_order(wanted(), hold=None)

    applied = world.ledger(call="shiphero.order_create")
    assert [entry.outcome for entry in applied] == ["refused", "applied"]


@pytest.mark.parametrize(
    ("fault", "unknown"),
    [
        (Fault.LOST_ANSWER, True),
        (Fault.LOST_REQUEST, True),
        (Fault.LATE_LANDING, True),
        (Fault.SERVER_ERROR, True),
        (Fault.REFUSED, False),
    ],
)
def test_a_lost_write_is_unknown_and_not_repeated(world, client, fault, unknown):
    client.quota()
    world.faults.script("shiphero.order_create", fault)

    with pytest.raises(TransientError) as caught:
        client.create_order(wanted(), hold=None)

    assert caught.value.outcome_unknown is unknown
    world.clock.advance(120)
    world.run_due()
    assert len(world.ledger(call="shiphero.order_create")) == 1


def test_what_a_token_may_not_see_is_missing(world, client):
    made = client.create_order(wanted(), hold=None)
    world.set_switches({"view_pii": False})

    (order,) = client.read_orders([made.remote_id])

    assert order.ship_to is MISSING
    assert order.email is MISSING
    assert order.lines is not MISSING


def test_refusals_tell_what_and_who(world, client):
    with pytest.raises(RejectedError) as caught:
        client.cancel_order("T3JkZXI6OTk5OTk5", "why")
    assert caught.value.code == "shiphero.not_found"

    world.set_switches({"missing_scopes": ["view:orders"]})
    with pytest.raises(AuthError) as refused:
        client.find_orders("k")
    assert refused.value.code == "shiphero.missing_scope"

    world.set_switches({"ip_blocked": True})
    with pytest.raises(AuthError) as blocked:
        client.find_orders("k")
    assert blocked.value.code == "shiphero.address_blocked"


def test_a_refresh_token_that_changes_is_followed(world):
    world.set_switches({"rotate_refresh": True})
    kept: list[str] = []
    client = make_client(
        ShipHeroSandbox(world).app,
        clock=world.clock.now,
        keep_refresh_token=kept.append,
    )
    client.quota()
    world.tokens.expire_all()

    client.quota()

    assert len(kept) == 2


def test_webhooks_are_registered_listed_and_removed(world, client):
    made = client.webhooks.register("Order Canceled", "https://x.example/h", "acme-a")
    (listed,) = client.webhooks.registered()

    assert made.secret
    assert (listed.name, listed.shop_name) == ("Order Canceled", "acme-a")
    assert (listed.is_enabled, listed.health) == (True, "HEALTHY")
    client.webhooks.enable(listed.remote_id)
    client.webhooks.delete("Order Canceled", "acme-a")
    assert client.webhooks.registered() == []


def test_the_account_and_its_quota_are_told(world, client):
    account = client.account()
    quota = client.quota()

    assert account.fingerprint == world.account["id"]
    assert [warehouse.name for warehouse in account.warehouses] == ["Primary"]
    assert (quota.capacity, quota.rate) == (4004, 60)


def test_the_sandbox_charges_no_more_than_was_estimated(world):
    taken: list[int] = []

    class Counting:
        def take(self, cost):
            taken.append(cost)

        def learn(self, remaining, capacity, rate):
            pass

    client = make_client(
        ShipHeroSandbox(world).app, clock=world.clock.now, credits=Counting()
    )
    made = client.create_order(wanted(), hold=None)
    client.read_orders([made.remote_id])
    client.find_orders("acme-801-1")
    charged = [
        one.cost for one in client.drain() if one.operation != "shiphero.auth_refresh"
    ]

    assert len(charged) == len(taken)
    assert all(cost <= most for cost, most in zip(charged, taken, strict=True))


EXTRAS = {
    "bill_to": Address(
        last_name="Head Office", address1="1 Bank St", city="Tulsa", state="OK"
    ),
    "gift_note": "Happy birthday",
    "is_gift": True,
    "require_signature": True,
    "adult_signature": True,
    "insurance": True,
    "insurance_amount": "250.00",
    "total_tax": "7.12",
    "total_discount": "3.50",
    "shipping_price": "9.90",
}


@pytest.mark.parametrize("scale", ["2", "4"])
def test_what_an_order_says_besides_is_read_back_as_it_was_sent(world, client, scale):
    world.set_switches({"money_scale": scale})
    made = client.create_order(replace(wanted(), **EXTRAS), hold=None)
    (order,) = client.read_orders([made.remote_id])

    assert {name: getattr(order, name) for name in EXTRAS} == EXTRAS


@pytest.mark.parametrize("name", [name for name in EXTRAS if name != "shipping_price"])
def test_each_of_it_is_changed_alone_and_taken_back(world, client, name):
    made = client.create_order(wanted(), hold=None)

    client.update_order(made.remote_id, OrderChanges(**{name: EXTRAS[name]}))

    (order,) = client.read_orders([made.remote_id])
    assert getattr(order, name) == EXTRAS[name]
    (sent,) = world.ledger(call="shiphero.order_update")
    assert sent.detail["fields"] == sorted(["order_id", THEIRS[name]])

    if isinstance(EXTRAS[name], Address):
        return
    empty = getattr(WantedOrder("", "", "", Address(), ()), name)
    client.update_order(made.remote_id, OrderChanges(**{name: empty}))
    (order,) = client.read_orders([made.remote_id])
    assert getattr(order, name) in {empty, MISSING}


THEIRS = {**HEAD_FIELDS, "bill_to": "billing_address"}
