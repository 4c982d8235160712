"""Answers, errors, credits and pages."""

from __future__ import annotations

import pytest

from connectors.sandbox.shiphero.world import ShipHeroWorld
from tests.unit.connectors.sandbox.shiphero.conftest import Remote

ORDERS = """
query ($first: Int, $after: String) {
  orders(shop_name: "shop.example") { request_id complexity
    data(first: $first, after: $after) {
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { partner_order_id line_items(first: 10) {
        edges { node { sku } } } } }
    }
  }
}
"""


def test_an_unknown_order_is_code_5_inside_http_200(remote: Remote) -> None:
    body = remote.ask('{ order(id: "T3JkZXI6MQ==") { data { id } } }')
    error = body["errors"][0]
    assert error["message"] == "Order not found"
    assert error["operation"] == error["field"] == "order"
    assert error["code"] == 5
    assert len(error["request_id"]) == 24
    assert body["data"] == {"order": None}


def test_a_missing_scope_is_code_7(remote: Remote, world: ShipHeroWorld) -> None:
    world.set_switches({"missing_scopes": ["view:orders"]})
    body = remote.ask("{ orders { request_id } }")
    assert body["errors"][0]["code"] == 7
    assert body["errors"][0]["message"] == "Missing required scope(s): view:orders"


def test_a_document_that_does_not_fit_the_schema_is_http_400(remote: Remote) -> None:
    answer = remote.raw("{ orders { nonsense } }")
    assert answer.status_code == 400
    assert "nonsense" in answer.json()["errors"][0]["message"]
    assert "locations" in answer.json()["errors"][0]


def test_a_variable_of_the_wrong_type_is_http_400(remote: Remote) -> None:
    answer = remote.raw(
        "query ($id: String!) { order(id: $id) { request_id } }", id={"no": 1}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("body", ["[]", "no json", "{}", '{"query": 5}', "[" * 99_999])
def test_a_body_that_is_no_request_is_http_400(remote: Remote, body: str) -> None:
    answer = remote.session.post(
        "http://shiphero.sandbox/graphql",
        data=body,
        headers={"Authorization": f"Bearer {remote.token}"},
    )
    assert answer.status_code == 400


def test_the_estimate_counts_rows_asked_for_and_the_cost_rows_answered(
    remote: Remote,
) -> None:
    remote.create("A-1", lines={"SKU-1": 1, "SKU-2": 1})
    body = remote.ask(ORDERS, first=5)
    throttling = body["extensions"]["throttling"]
    assert throttling["estimated_complexity"] == 1 + 5 * (1 + 1 + 10)
    assert throttling["cost"] == (1 + 1) + (1 + 2)
    assert body["data"]["orders"]["complexity"] == 61
    detail = throttling["cost_detail"]["orders"]
    assert detail["items_count"] == 1
    assert detail["fields"]["line_items"]["items_count"] == 2


def test_a_list_without_first_is_costed_as_100(remote: Remote) -> None:
    body = remote.ask("{ orders { complexity data { edges { node { id } } } } }")
    assert body["data"]["orders"]["complexity"] == 101


def test_a_mutation_costs_a_flat_ten(remote: Remote) -> None:
    before = remote.world.bucket.left()
    remote.create("A-1")
    assert before - remote.world.bucket.left() == 10


def test_what_does_not_fit_the_bucket_is_code_30_and_not_done(
    remote: Remote, world: ShipHeroWorld
) -> None:
    body = remote.ask(
        "{ orders { data(first: 100) { edges { node { id "
        "line_items(first: 100) { edges { node { id } } } } } } } }"
    )
    error = body["errors"][0]
    assert error["code"] == 30
    assert error["required_credits"] == 1 + 100 * 102
    assert error["remaining_credits"] == 4004
    assert error["time_remaining"] == "104 seconds"
    assert "not enough credits" in error["message"]
    assert body["data"] == {"orders": None}


def test_the_extra_fields_of_code_30_can_stand_in_extensions(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.set_switches({"error_extras": "extensions", "credits_max": 5})
    error = remote.ask("{ orders { data { edges { node { id } } } } }")["errors"][0]
    assert "time_remaining" not in error
    assert error["extensions"]["required_credits"] == 101


def test_credits_come_back_with_time(remote: Remote, world: ShipHeroWorld) -> None:
    world.bucket.drain(4004)
    remote.wait(10)
    quota = remote.ask("{ user_quota { credits_remaining increment_rate } }")
    assert quota["data"]["user_quota"] == {
        "credits_remaining": 600,
        "increment_rate": 60,
    }


def test_analyze_tells_the_price_and_runs_nothing(remote: Remote) -> None:
    remote.create("A-1")
    before = remote.world.bucket.left()
    query = (
        "query ($dry: Boolean) { orders(analyze: $dry) "
        "{ complexity data(first: 7) { edges { node { id } } } } }"
    )
    body = remote.ask(query, dry=True)
    assert body["data"]["orders"] == {"complexity": 8, "data": None}
    assert remote.world.bucket.left() == before


def test_pages_are_offsets_in_disguise(remote: Remote) -> None:
    for n in range(5):
        remote.create(f"A-{n}")
    seen, after = [], None
    while True:
        body = remote.ask(ORDERS, first=2, after=after)
        page = body["data"]["orders"]["data"]
        seen += [edge["node"]["partner_order_id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == ["A-0", "A-1", "A-2", "A-3", "A-4"]
    assert page["pageInfo"]["hasPreviousPage"]


def test_the_request_cap_refuses_by_status(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.set_switches({"request_cap": 2})
    assert [remote.raw("{ user_quota { max_available } }").status_code] * 2
    assert remote.raw("{ user_quota { max_available } }").status_code == 200
    assert remote.raw("{ user_quota { max_available } }").status_code == 429
    remote.wait(301, step=301)
    assert remote.raw("{ user_quota { max_available } }").status_code == 200


@pytest.mark.parametrize(("outage", "status"), [("502", 502), ("503", 503)])
def test_an_outage_meets_every_call(
    remote: Remote, world: ShipHeroWorld, outage: str, status: int
) -> None:
    world.set_switches({"outage": outage})
    answer = remote.raw("{ user_quota { max_available } }")
    assert answer.status_code == status
    assert "html" in answer.headers["Content-Type"]


def test_a_blocked_address_is_403_without_errors(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.set_switches({"ip_blocked": True})
    answer = remote.post("/auth/refresh", {})
    assert answer.status_code == 403
    assert "errors" not in answer.json()


def test_the_account_tells_its_warehouses_and_customers(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.seed_warehouse("East")
    world.seed_customer("Brand")
    data = remote.ask(
        "{ account { data { legacy_id is_3pl warehouses { id identifier } "
        "customers(first: 5) { edges { node { username } } } } } "
        "me { data { email account { id } } } "
        "uuid(legacy_id: 7556, entity: Account) { data { id } } }"
    )["data"]
    account = data["account"]["data"]
    assert [w["identifier"] for w in account["warehouses"]] == ["Primary", "East"]
    assert account["is_3pl"]
    assert account["customers"]["edges"] == [{"node": {"username": "Brand"}}]
    assert data["uuid"]["data"]["id"] == data["me"]["data"]["account"]["id"]


def test_products_show_their_stock(remote: Remote) -> None:
    data = remote.ask(
        '{ product(sku: "SKU-1") { data { name warehouse_products '
        "{ on_hand available warehouse { identifier } } } } "
        'warehouse_products(sku: "SKU-1") { data { edges { node '
        "{ sku on_hand product { name } } } } } }"
    )["data"]
    stock = data["product"]["data"]["warehouse_products"]
    assert stock == [
        {"on_hand": 10, "available": 10, "warehouse": {"identifier": "Primary"}}
    ]
    node = data["warehouse_products"]["data"]["edges"][0]["node"]
    assert node["product"] == {"name": "SKU-1"}


def test_switches_change_how_values_are_written(
    remote: Remote, world: ShipHeroWorld
) -> None:
    order_id = remote.create("A-1")["id"]
    query = (
        "query ($id: String!) { order(id: $id) { data { legacy_id updated_at "
        "total_price email shipping_address { city } } } }"
    )
    plain = remote.ask(query, id=order_id)["data"]["order"]["data"]
    assert plain["updated_at"] == "2026-01-05T09:00:00"
    assert plain["total_price"] == "25.00"
    assert isinstance(plain["legacy_id"], int)
    world.set_switches(
        {
            "graphql_times": "zoned",
            "money_scale": "4",
            "legacy_id_as_text": True,
            "view_pii": False,
        }
    )
    other = remote.ask(query, id=order_id)["data"]["order"]["data"]
    assert other["updated_at"] == "2026-01-05T09:00:00+00:00"
    assert other["total_price"] == "25.0000"
    assert isinstance(other["legacy_id"], str)
    assert other["shipping_address"] is None


def test_a_name_that_is_no_switch_is_refused(world: ShipHeroWorld) -> None:
    with pytest.raises(ValueError, match="no_such_thing"):
        world.set_switches({"no_such_thing": 1})
