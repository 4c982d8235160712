from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import pytest

from connectors.salesforce.soql import (
    LONGEST_QUERY,
    changed_items,
    changed_orders,
    is_readable,
    order_query,
    text_literal,
    time_literal,
)
from connectors.salesforce.source_mapping import FieldMap, SourceMapping

SINCE = datetime(2026, 1, 5, 9, 0, 0, 250_000, tzinfo=UTC)


def field(name, parent=None, to=()):
    return {"name": name, "relationshipName": parent, "referenceTo": list(to)}


OBJECTS = {
    "Order": {
        "fields": [
            *map(field, ["Id", "OrderNumber", "Status", "StatusCode", "ShippingCity"]),
            field("AccountId", "Account", ["Account"]),
            field("OwnerId", "Owner", ["Group", "User"]),
        ],
        "childRelationships": [
            {"childSObject": "OrderItem", "relationshipName": None},
            {"childSObject": "OrderItem", "relationshipName": "OrderItems"},
        ],
    },
    "OrderItem": {
        "fields": [field("Quantity"), field("Product2Id", "Product2", ["Product2"])]
    },
    "Account": {"fields": [field("Name")]},
    "Product2": {"fields": [field("ProductCode")]},
    "Group": {"fields": [field("Name")]},
    "User": {"fields": [field("Name"), field("Email")]},
}
MAPPING = SourceMapping(
    (
        FieldMap("order_number", "OrderNumber"),
        FieldMap("status", "Status"),
        FieldMap("stage", "StatusCode"),
        FieldMap("account_name", "Account.Name"),
        FieldMap("ship_to.state", "ShippingStateCode"),
        FieldMap("phone", "ShipToContact.Phone"),
        FieldMap("lines.sku", "Product2.ProductCode"),
        FieldMap("lines.quantity", "Quantity"),
        FieldMap("lines.product_name", "Product2.Name"),
    )
)


def query(objects=OBJECTS):
    return order_query(MAPPING, objects.__getitem__)


def test_only_what_exists_and_may_be_seen_is_asked_for():
    built = query()

    assert built.select == (
        "SELECT Account.Name, Id, IsDeleted, OrderNumber, Status, StatusCode, "
        "SystemModstamp, (SELECT Id, IsDeleted, Product2.ProductCode, Quantity, "
        "SystemModstamp "
        "FROM OrderItems ORDER BY Id) FROM Order"
    )
    assert [one.path for one in built.absent] == [
        "ShippingStateCode",
        "ShipToContact.Phone",
        "Product2.Name",
    ]


def test_without_child_rows_there_is_no_child_query():
    order = {**OBJECTS["Order"], "childRelationships": []}
    built = query({**OBJECTS, "Order": order})

    assert built.children == ""
    assert "OrderItems" not in built.select


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("OrderNumber", True),
        ("ordernumber", True),
        ("Account.Name", True),
        ("Owner.Email", True),
        ("Owner.Phone", False),
        ("Account.Owner.Name", False),
        ("AccountId.Name", False),
        ("Nothing__c", False),
    ],
)
def test_a_path_is_walked_through_the_parents(path, expected):
    assert is_readable(path, "Order", OBJECTS.__getitem__) is expected


def test_what_moved_is_listed_by_its_stamps_oldest_first():
    assert changed_orders(SINCE) == (
        "SELECT Id, IsDeleted, SystemModstamp FROM Order WHERE SystemModstamp >= "
        "2026-01-05T09:00:00Z ORDER BY SystemModstamp, Id"
    )
    assert changed_items(SINCE) == (
        "SELECT Id, IsDeleted, OrderId, SystemModstamp FROM OrderItem "
        "WHERE SystemModstamp >= 2026-01-05T09:00:00Z ORDER BY SystemModstamp, Id"
    )


def test_ids_are_cut_into_queries_that_fit_a_url():
    ids = [f"8010000000000{at:05d}" for at in range(1500)]
    texts = list(query().by_ids([*ids, *ids]))

    assert len(texts) > 1
    assert all(len(quote(text, safe="")) < 16_000 for text in texts)
    assert sum(text.count("'801") for text in texts) == 1500
    assert LONGEST_QUERY < 16_384


def test_quotes_and_backslashes_cannot_leave_a_literal():
    assert text_literal("O'Neil\\ \n") == "'O\\'Neil\\\\ \\n'"


def test_times_are_written_in_utc_and_need_a_zone():
    east = datetime(2026, 1, 5, 10, 0, tzinfo=timezone(timedelta(hours=1)))

    assert time_literal(east) == "2026-01-05T09:00:00Z"
    with pytest.raises(ValueError, match="zone"):
        time_literal(datetime(2026, 1, 5))  # noqa: DTZ001 - the mistake itself
