from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.errors import AuthError, Kind, ThrottledError, TransientError
from connectors.salesforce.reading import PAGE
from connectors.salesforce.source_mapping import SourceMapping
from connectors.sandbox.faults import Fault
from orders.records import MISSING, OrderStage
from tests.unit.connectors.salesforce.conftest import NOW
from tests.unit.connectors.salesforce.test_writes import facts

MAPPING = SourceMapping.default()
SHIP_TO = {
    "street": "1 Main St\nSuite 5",
    "city": "Tulsa",
    "state": "OK",
    "postal_code": "74103",
    "country": "United States",
    "first_name": "Ann",
    "last_name": "Lee",
    "email": "ann@example.com",
    "phone": "5555550101",
}


def place(desk, *lines, **more):
    return desk.create_order(
        lines=lines or [("A-1", 2), ("B-1", 1)],
        ship_to=SHIP_TO,
        ShipSync_Shipping_Method__c="Ground",
        **more,
    )


def changed(client):
    before = NOW - timedelta(minutes=10)
    pages, _ = client.changed(before, before)
    ids = [stamp.order_id for page in pages for stamp in page]
    return client.read_orders(MAPPING, ids)


@pytest.mark.parametrize(
    "switches",
    [{}, {"multicurrency": True}, {"empty_address_is_null": False}],
    ids=str,
)
def test_an_activated_order_is_read_whole(world, desk, client, switches):
    world.switches.update(switches)
    order_id = place(desk)

    (order,) = changed(client)

    assert order.salesforce_id == order_id
    assert order.stage is OrderStage.ACTIVATED
    assert order.ship_to.address2 == "Suite 5"
    assert order.ship_to.first_name == "Ann"
    assert order.ship_to.country == "US"
    assert order.email == "ann@example.com"
    assert order.shipping_method == "Ground"
    assert [(line.sku, line.quantity) for line in order.lines] == [
        ("A-1", Decimal(2)),
        ("B-1", Decimal(1)),
    ]
    assert client.read_orders(MAPPING, [order_id]) == [order]


def test_many_orders_come_page_by_page_in_their_order(world, desk, client, monkeypatch):
    monkeypatch.setitem(PAGE, "Sforce-Query-Options", "batchSize=200")
    ids = []
    for _ in range(230):
        ids.append(place(desk, ("A-1", 1)))
        world.clock.advance(1)

    pages = list(client.changed(NOW, NOW)[0])
    stamps = [stamp for page in pages for stamp in page]
    read = {order.salesforce_id: order for order in client.read_orders(MAPPING, ids)}

    assert len(pages) > 1
    assert [stamp.order_id for stamp in stamps] == ids
    assert [stamp.moved_at for stamp in stamps] == [read[i].modified_at for i in ids]
    assert all(len(order.lines) == 1 for order in read.values())


def test_child_rows_are_paged_to_their_end(world, desk, client):
    world.switches["child_page_rows"] = 3
    place(desk, *[("A-1", 1)] * 8)

    (order,) = changed(client)

    assert len(order.lines) == 8


def test_child_rows_whose_page_is_gone_are_missing(world, desk, client):
    world.switches["child_page_rows"] = 3
    place(desk, *[("A-1", 1)] * 8)
    real = client._caller.get

    def forget(path, **kwargs):
        if "0r8" in path:
            path = path.replace("0r8", "0r9")
        return real(path, **kwargs)

    client._caller.get = forget
    (order,) = changed(client)

    assert order.lines is MISSING


def test_a_hidden_field_is_missing_and_told(world, desk, client):
    place(desk)
    world.switches["hidden_fields"] = ["Order.PoNumber", "Contact.FirstName"]

    (order,) = changed(client)
    absent = {one.path for one in client.absent_fields(MAPPING)}

    assert order.po_number is MISSING
    assert order.ship_to is MISSING
    assert {"PoNumber", "ShipToContact.FirstName"} <= absent


def test_without_the_status_category_nothing_is_read(world, desk, client):
    place(desk)
    world.switches["hidden_fields"] = ["Order.StatusCode"]

    with pytest.raises(AuthError, match="stage"):
        changed(client)


def test_state_and_country_codes_win_where_there_are_any(world, desk, client):
    world.switches["state_country_picklists"] = True
    order_id = desk.create_order(
        lines=[("A-1", 1)],
        ship_to={"street": "1 Main St", "city": "Tulsa", "postal_code": "74103"}
        | {"state_code": "OK", "country_code": "US"},
    )

    (order,) = client.read_orders(MAPPING, [order_id])

    assert (order.ship_to.state, order.ship_to.country) == ("OK", "US")


def test_a_deleted_order_is_seen_as_deleted(world, desk, client):
    order_id = place(desk, activate=False)
    desk.delete_order(order_id)

    (order,) = changed(client)

    assert order.is_deleted


def test_the_order_of_an_edited_line_is_named(world, desk, client):
    order_id = place(desk)
    (order,) = client.read_orders(MAPPING, [order_id])
    world.clock.advance(60)
    desk.edit_line(order.lines[0].salesforce_id, Description="again")

    later = NOW + timedelta(seconds=30)
    orders, ((stamp,),) = client.changed(later, later)
    (again,) = client.read_orders(MAPPING, [order_id])

    assert stamp.order_id == order_id
    assert dict(again.line_stamps)[stamp.row_id] == stamp.moved_at
    assert again.modified_at == order.modified_at, "the order itself lay still"
    assert list(orders) == [[]]


def test_facts_are_written_and_written_again_without_harm(world, desk, client):
    ids = [place(desk) for _ in range(3)]
    rows = [facts(one, packages=2) for one in ids]

    first = client.write_orders(rows)
    second = client.write_orders(rows)

    assert [one.error for one in [*first, *second]] == [None] * 6
    assert {row["ShipSync_Status__c"] for row in world.every("Order")} == {"Shipped"}
    packages = world.every("ShipSync_Package__c")
    assert len(packages) == 6
    assert {row["Order__c"] for row in packages} == set(ids)
    assert client.api_usage.used > 0


def test_a_locked_row_is_to_be_tried_again_alone(world, desk, client):
    ids = [place(desk) for _ in range(3)]
    world.switches["lock_always"] = [ids[1]]

    results = client.write_orders([facts(one) for one in ids])

    assert [one.ok for one in results] == [True, False, True]
    assert results[1].error.kind is Kind.TRANSIENT
    assert results[1].error.code == "salesforce.unable_to_lock_row"


def test_a_value_the_organization_refuses_is_told_with_its_field(world, desk, client):
    order_id = place(desk)

    (result,) = client.write_orders([facts(order_id, status="Nonsense")])

    assert result.error.kind is Kind.REJECTED
    assert "Nonsense" in result.error.reason


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
def test_a_lost_write_is_unknown_and_safe_to_repeat(
    world, desk, client, fault, unknown
):
    order_id = place(desk)
    world.faults.script("salesforce.composite", fault)

    (lost,) = client.write_orders([facts(order_id, packages=1)])
    (done,) = client.write_orders([facts(order_id, packages=1)])
    world.clock.advance(60)
    world.run_due()

    assert isinstance(lost.error, TransientError)
    assert lost.error.outcome_unknown is unknown
    assert done.ok
    assert len(world.every("ShipSync_Package__c")) == 1


def test_an_expired_session_is_renewed_unseen(world, desk, client):
    order_id = place(desk)
    world.faults.script("salesforce.composite", Fault.EXPIRED_TOKEN)

    (result,) = client.write_orders([facts(order_id)])

    assert result.ok


def test_the_daily_limit_waits(world, desk, client):
    client.describe("Order")
    world.switches["daily_limit"] = 1

    with pytest.raises(ThrottledError) as caught:
        client.describe("OrderItem")

    assert caught.value.wait == timedelta(hours=1)


def test_identity_and_limits_are_told(world, client):
    identity = client.identity()

    assert identity.organization_id == world.organization_id
    assert identity.user_id.startswith("005")
    assert identity.is_sandbox in {True, False}
    assert client.limits()["DailyApiRequests"][0] == 100_000
