"""jsforce, a client nobody here wrote, on the sandbox organization over plain HTTP."""

from __future__ import annotations

import pytest

from connectors.sandbox.salesforce.oauth import ClientApp
from connectors.sandbox.salesforce.sales import SalesDesk
from connectors.sandbox.salesforce.server import SalesforceApp
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.wire import LoopbackServer

LIBRARY = "@jsforce/jsforce-node"


@pytest.fixture
def world():
    return SalesforceWorld()


@pytest.fixture
def server(world):
    app = SalesforceApp(world, ClientApp("key", "secret"))
    server = LoopbackServer(app)
    app.instance_url = server.url
    server.start()
    yield server
    server.stop()


def test_it_logs_in_queries_upserts_and_composes(run_node, world, server):
    desk = SalesDesk(world)
    for number in range(230):
        desk.create_product(f"SKU-{number}", f"Product {number}", 1.0)
    order = desk.create_order(lines=[("SKU-1", 2), ("SKU-2", 3)])

    told = run_node("jsforce.cjs", server.url, "key", "secret", order, library=LIBRARY)

    assert told["identity"]["organization_id"] == world.organization_id
    assert "ShipSync_Status__c" in told["described"]
    assert told["total"] == 1
    assert told["order"]["StatusCode"] == "Activated"
    assert told["order"]["Account"]["Name"] == "Sandbox Customer"
    lines = told["order"]["OrderItems"]["records"]
    assert [(one["Product2"]["ProductCode"], one["Quantity"]) for one in lines] == [
        ("SKU-1", 2),
        ("SKU-2", 3),
    ]
    assert told["products"] == 230

    assert (told["first"]["success"], told["first"]["created"]) == (True, True)
    assert told["again"]["id"] == told["first"]["id"]
    assert told["again"]["created"] is False
    assert [row["success"] for row in told["many"]] == [True, True, False]
    assert [row["success"] for row in told["created"]] == [True, False]
    assert told["created"][1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert told["read"][0]["Carrier__c"] == "dhl"

    parts = told["composite"]["compositeResponse"]
    assert [part["httpStatusCode"] for part in parts] == [201, 201]
    assert told["refused"] == "INVALID_FIELD"

    keys = {row["ShipSync_Key__c"] for row in world.snapshot("ShipSync_Shipment__c")}
    assert keys == {"J-1", "J-2", "J-4"}
    (item,) = world.snapshot("ShipSync_Shipment_Item__c")
    assert item["Shipment__c"] == parts[0]["body"]["id"]
