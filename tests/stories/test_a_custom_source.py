"""Orders that an organization keeps in objects of its own, from end to end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.config_versions import ConfigKind
from connectors.sandbox.shiphero import judge as shiphero_judge
from connectors.sync import config
from orders.models import Order
from tests.stories.organizations import Metadata
from tests.stories.reading import (
    creates,
    insist_on_once,
    lines_of,
    the_one,
    until,
    until_created,
)
from tests.town import Town

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ORDER, LINE = "Shop_Order__c", "Shop_Line__c"
SOURCE = {
    "object": ORDER,
    "lines": LINE,
    "parent": "Shop_Order__c",
    "stages": {"Basket": "draft", "Placed": "activated"},
}
MAPPED = {
    "order_number": "Name",
    "status": "State__c",
    "stage": "State__c",
    "ship_to.last_name": "Recipient__c",
    "ship_to.address1": "Street__c",
    "ship_to.city": "City__c",
    "ship_to.state": "Region__c",
    "ship_to.zip": "Zip__c",
    "ship_to.country": "Country__c",
    "shipping_method": "Ship_By__c",
    "lines.sku": "Article__c",
    "lines.quantity": "Pieces__c",
}
WRITTEN = {
    "status": "Warehouse_State__c",
    "reason": "Warehouse_Reason__c",
    "tracking_number": "Parcel__c",
    "carrier": "Parcel_Carrier__c",
}
OWN = {"orders_in": ORDER, **WRITTEN}
# Nothing else of the package stands on such an order; its child rows name it.
LEFT_OUT = (
    *("status_since", "remote_id", "remote_number", "method", "tracking_url"),
    *("shipped_at", "edit_window", "item_line"),
)
CHILDREN = {
    "package_order": "ShipSync_Package__c",
    "shipment_order": "ShipSync_Shipment__c",
    "item_order": "ShipSync_Shipment_Item__c",
    "exception_order": "ShipSync_Sync_Exception__c",
}
TO = {
    "Recipient__c": "Byron",
    "Street__c": "12 Mill Lane",
    "City__c": "Tulsa",
    "Region__c": "OK",
    "Zip__c": "74103",
    "Country__c": "US",
    "Ship_By__c": "Ground",
}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Town:
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"
    settings.SHIPSYNC_SANDBOX = True
    metadata = Metadata(tmp_path)
    metadata.object(ORDER, "Shop Order", "SO-{0000}")
    metadata.texts(ORDER, ["State__c", *TO, *WRITTEN.values()])
    metadata.object(LINE, "Shop Line", "SL-{0000}")
    metadata.lookup(LINE, "Shop_Order__c", ORDER, "Lines")
    metadata.texts(LINE, ["Article__c"])
    metadata.field(LINE, "Pieces__c", "Number", precision="6", scale="0")
    for sobject in CHILDREN.values():
        metadata.lookup(sobject, "Shop_Order__c", ORDER, f"Of_{sobject[9:-3]}")
    metadata.use(monkeypatch)
    town = Town(monkeypatch, settle=False)
    configure(town)
    town.tick(1)
    return town


def configure(town: Town) -> None:
    fields = [{"field": field, "path": path} for field, path in MAPPED.items()]
    names = {**OWN, **dict.fromkeys(LEFT_OUT, "")}
    names |= dict.fromkeys(CHILDREN, "Shop_Order__c")
    for kind, document in (
        (ConfigKind.SOURCE_MAPPING, {"source": SOURCE, "fields": fields}),
        (ConfigKind.WRITEBACK_FIELDS, names),
    ):
        config.save(
            kind=kind,
            organization=town.organization,
            document=document,
            user=None,
            now=town.now(),
        )


def place(town: Town, *lines: tuple[str, int], **fields: Any) -> str:
    """A basket whose owner placed the order."""
    with town.desk._action("place") as dml:
        order = dml.create(ORDER, {"State__c": "Basket", **TO, **fields})
        for sku, pieces in lines:
            values = {"Shop_Order__c": order, "Article__c": sku, "Pieces__c": pieces}
            dml.create(LINE, values)
    edit(town, ORDER, order, State__c="Placed")
    return str(order)


def edit(town: Town, sobject: str, row_id: str, **fields: Any) -> None:
    with town.desk._action("edit") as dml:
        dml.update(sobject, row_id, fields)


def shown(town: Town, order: str) -> dict[str, Any]:
    return next(one for one in town.salesforce.snapshot(ORDER) if one["Id"] == order)


def children(town: Town, sobject: str, order: str) -> list[dict[str, Any]]:
    rows = town.salesforce.snapshot(sobject)
    return [row for row in rows if row["Shop_Order__c"] == order]


def test_an_order_of_another_object_is_read_refused_mended_edited_and_shipped(
    shop: Town,
) -> None:
    shop.shiphero.set_switches({"auto_floor": False})
    order = place(shop, ("MUG", 2), ("TEE", 1), City__c="")
    until(shop, lambda: shown(shop, order)["Warehouse_State__c"] == "Failed", minutes=3)
    assert "city" in shown(shop, order)["Warehouse_Reason__c"]
    failed = CHILDREN["exception_order"]
    until(shop, lambda: bool(children(shop, failed, order)), minutes=2)

    edit(shop, ORDER, order, City__c="Tulsa")
    until_created(shop, order)
    made = the_one(shop, order)
    assert lines_of(made) == {"MUG": 2, "TEE": 1}
    assert made["order_number"] == shown(shop, order)["Name"]
    assert made["shipping_address"]["city"] == "Tulsa"

    (line,) = (
        row["Id"]
        for row in shop.salesforce.snapshot(LINE)
        if row["Article__c"] == "MUG"
    )
    edit(shop, LINE, line, Pieces__c=3)  # the order's own stamp does not move
    until(shop, lambda: lines_of(the_one(shop, order)) == {"MUG": 3, "TEE": 1})

    shop.shiphero.set_switches({"auto_floor": True})
    until(
        shop, lambda: shown(shop, order)["Warehouse_State__c"] == "Shipped", minutes=30
    )
    insist_on_once(shop, order)
    assert creates(shop, order) == 1
    (shipment,) = shiphero_judge.shipped(shop.shiphero)[shop.key(order)]
    (package,) = shipment["packages"]
    assert shown(shop, order)["Parcel__c"] == package["tracking_number"]
    for sobject in ("ShipSync_Package__c", "ShipSync_Shipment__c"):
        (row,) = children(shop, sobject, order)
        assert row["Tracking_Number__c"] == package["tracking_number"]
    (ended,) = children(shop, failed, order)
    assert (ended["Open__c"], ended["Order__c"]) == (False, None)
    assert not shop.salesforce.snapshot("Order")
    assert Order.objects.count() == 1


def test_a_basket_is_not_exported(shop: Town) -> None:
    order = place(shop, ("MUG", 1))
    edit(shop, ORDER, order, State__c="Basket")
    shop.run(minutes=2, step=20)

    assert creates(shop, order) == 0
