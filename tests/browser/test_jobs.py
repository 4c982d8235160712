"""Ten jobs of operations staff, from the home page to the seen result, with their clicks.

What happens in the remote systems is judged by their own ledgers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from connectors.casework import BulkRetry
from connectors.config_versions import ConfigKind
from connectors.sync import config
from inventory.models import Warehouse
from orders.floor import OrderException
from tests.browser.clicks import PROPERTY, Person
from tests.factories import connectors as rows
from tests.stories.reading import (
    creates,
    floor_off,
    lines_of,
    live,
    open_codes,
    status,
    the_one,
    until,
    until_created,
    until_status,
    writes,
)
from tests.town import SHIP_TO, Town

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.one_database,
]

BEGAN = timedelta(hours=3)  # before now, so that all that is lived through is past


@pytest.fixture
def town(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Town:
    settings.SHIPSYNC_SANDBOX = True
    rows.HeartbeatFactory()
    made = Town(monkeypatch, start=now() - BEGAN, switches={"unknown_sku": "reject"})
    floor_off(made)
    return made


@pytest.fixture
def somebody(open_page: Any, record_property: Any) -> Iterator[Callable[..., Person]]:
    """A person of a role on the home page, who is to do a job in `most` clicks."""
    people = []

    def start(role: str, job: str, most: int | None = None) -> Person:
        people.append(Person(open_page(role), job, most))
        return people[-1]

    yield start
    for person in people:
        person.done()
        record_property(PROPERTY, (person.job, person.clicks, person.most))


def go_on(town: Town, so: Callable[[], object]) -> None:
    """Let the workers see what was asked for in the console, until `so` holds."""
    behind = (now() - town.now()).total_seconds()
    town.tick(max(behind, 1))
    until(town, so)


def cause(person: Person, words: str) -> Any:
    """A cause of failures on the home page."""
    panel = person.page.locator("#panel-failures_by_reason")
    return panel.get_by_role("link", name=re.compile(words))


def link(person: Person, words: str) -> Any:
    return person.page.get_by_role("link", name=words).first


def button(person: Person, words: str) -> Any:
    return person.page.get_by_role("button", name=words, exact=True)


def field(person: Person, words: str) -> Any:
    """A field of the small form that is open."""
    return person.page.locator("details.act[open]").get_by_label(words)


def number_of(town: Town, order: str) -> str:
    return town.mirror(order).order_number


def test_why_is_my_order_not_here(town: Town, somebody: Any) -> None:
    order = town.order()
    town.desk.deactivate(order)
    number = town.in_salesforce(order)["OrderNumber"]
    person = somebody("operator", "Why is my order not here?")

    person.find(number)

    answer = person.page.get_by_role("region", name="What Salesforce says now")
    expect(answer).to_contain_text("It is not activated")
    assert town.in_salesforce(order)["Status"] == "Draft"


def test_fix_an_address(town: Town, somebody: Any) -> None:
    order = town.order(ship_to={**SHIP_TO, "postal_code": ""})
    until(town, lambda: open_codes(order) == ["address.zip_missing"])
    person = somebody("operator", "Fix an address")

    person.click(cause(person, "postal code"))
    person.click(link(person, number_of(town, order)))
    person.click(person.page.get_by_text("Set it here…"))
    person.write(field(person, "Right value"), "74103")
    person.write(field(person, "Why is it right?"), "The customer rang.")
    person.enter()
    go_on(town, lambda: live(town, order))

    assert the_one(town, order)["shipping_address"]["zip"] == "74103"
    person.page.reload()
    expect(person.page.get_by_text("The customer rang.", exact=True)).to_be_visible()
    expect(person.page.locator(".alarm")).to_have_count(0)


def test_map_an_unknown_sku_and_release_what_it_blocks(
    town: Town, somebody: Any
) -> None:
    config.save(
        kind=ConfigKind.SKU_ALIASES,
        account=town.account,
        document={"policy": "block", "rows": [{"from": "TEE", "to": "TEE"}]},
        user=None,
        now=town.now(),
    )
    town.desk.create_product("MUGG", "A mug by a wrong name", 5.0)
    orders = [town.order(("MUGG", 2)) for _ in range(3)]
    until(town, lambda: all(open_codes(one) == ["sku.unmapped"] for one in orders))
    person = somebody("integrator", "Map an unknown SKU, release what it blocks", 4)

    person.click(cause(person, "MUGG"))
    person.write(person.page.get_by_label("Warehouse SKU"), "MUG")
    person.click(button(person, "Save and release 3"))
    expect(person.page.get_by_text("3 orders go on by themselves")).to_be_visible()
    go_on(town, lambda: all(live(town, one) for one in orders))

    assert [lines_of(the_one(town, one)) for one in orders] == [{"MUG": 2}] * 3
    person.page.reload()
    expect(person.page.get_by_text("Nothing of this cause is open")).to_be_visible()


def refused(town: Town, count: int) -> list[str]:
    """Orders that ShipHero refuses, for it does not know their SKU."""
    town.desk.create_product("NEW", "Not in the warehouse yet", 5.0)
    orders = [town.order(("NEW", 1)) for _ in range(count)]
    until(town, lambda: all(open_codes(one) for one in orders), step=15)
    return orders


def test_retry_one(town: Town, somebody: Any) -> None:
    (order,) = refused(town, 1)
    town.shiphero.seed_product("NEW", "Now it is", {"Primary": 10})
    person = somebody("operator", "Retry one", 3)

    person.click(cause(person, "NEW"))
    person.click(button(person, "Retry"))
    expect(person.page.get_by_text("1 failure is tried again now")).to_be_visible()
    go_on(town, lambda: live(town, order))

    assert creates(town, order) == 1
    person.page.reload()
    expect(person.page.get_by_text("Nothing of this cause is open")).to_be_visible()


def test_retry_fifty_by_cause(town: Town, somebody: Any) -> None:
    orders = refused(town, 50)
    town.shiphero.seed_product("NEW", "Now it is", {"Primary": 100})
    person = somebody("operator", "Retry 50 by cause")

    person.click(cause(person, "NEW"))
    person.click(link(person, "Retry all 50"))
    expect(person.page.get_by_text("will create")).to_be_visible()
    person.click(button(person, "Start with the first of 50"))
    go_on(town, lambda: BulkRetry.objects.get().is_over)

    assert [creates(town, one) for one in orders] == [1] * 50
    person.page.reload()
    expect(person.page.get_by_text("50 of 50")).to_be_visible()


def test_override_a_warehouse(town: Town, somebody: Any) -> None:
    places = {}
    for name in ("Primary", "Nevada"):
        town.shiphero.seed_product("MUG", "Mug", {"Primary": 50, "Nevada": 50})
        places[name] = town.shiphero.warehouse_named(name)["id"]
        Warehouse.objects.update_or_create(
            account=town.account, remote_id=places[name], defaults={"name": name}
        )
    order = town.order(("MUG", 1))
    until_created(town, order)
    number = number_of(town, order)
    person = somebody("operator", "Override a warehouse", 4)

    person.find(number)
    person.click(person.page.get_by_text("Ship from…"))
    person.write(field(person, "Warehouse"), "Nevada")
    person.write(field(person, "Why?"), "The customer asked.")
    person.enter()
    expect(person.page.get_by_text("whatever the rules say")).to_be_visible()

    def ships_from() -> set[str]:
        return {one["warehouse_id"] for one in the_one(town, order)["allocations"]}

    go_on(town, lambda: ships_from() == {places["Nevada"]})
    person.page.reload()
    expect(person.page.locator("strong", has_text="chose Nevada")).to_be_visible()


def test_a_late_cancel(town: Town, somebody: Any) -> None:
    order = town.order()
    until_created(town, order)
    town.run(minutes=1)
    town.shiphero.floor.ship(the_one(town, order)["id"])
    town.desk.edit_order(order, Status="Canceled")
    until(town, lambda: open_codes(order) == ["export.cancel_refused"])
    until_status(town, order, "Shipped")
    person = somebody("operator", "A late cancel")

    person.click(cause(person, "shipped"))
    expect(
        person.page.get_by_role("heading", name="Cancel came too late")
    ).to_be_visible()
    person.write(person.page.get_by_label("Why"), "A return is agreed.")
    person.click(person.page.get_by_role("checkbox", name="Choose"))
    person.click(button(person, "Resolve ticked"))

    expect(person.page.get_by_text("1 resolved")).to_be_visible()
    assert "order_cancel" not in writes(town, order)
    go_on(town, lambda: town.in_salesforce(order)["ShipSync_Status__c"] == "Shipped")


def test_a_backorder(town: Town, somebody: Any) -> None:
    town.shiphero.seed_product("RARE", "Rare", {"Primary": 0})
    town.desk.create_product("RARE", "Rare", 90.0)
    order = town.order(("RARE", 2), ("MUG", 1))
    until(town, lambda: status(town, order) == "Backordered", step=20)
    short = OrderException.objects.filter(closed_at=None, kind="backorder")
    until(town, short.exists, step=20)
    person = somebody("operator", "A backorder")

    person.click(person.page.locator("#panel-exceptions").get_by_role("link").nth(1))
    person.click(person.page.locator("#result_list tbody th a").first)
    person.click(person.page.get_by_text("Cancel line…"))
    person.write(field(person, "SKU"), "RARE")
    person.write(field(person, "Why?"), "The customer does without it.")
    person.enter()
    expect(person.page.get_by_text("is canceled in ShipHero now")).to_be_visible()

    go_on(town, lambda: lines_of(the_one(town, order)) == {"MUG": 1})
    until(town, lambda: not short.exists(), step=20)
    person.page.reload()
    expect(person.page.get_by_text("Cleared").first).to_be_visible()


def test_tracking_is_missing(town: Town, somebody: Any) -> None:
    order = town.order()
    until_created(town, order)
    town.run(minutes=1)
    town.shiphero.floor.ship(the_one(town, order)["id"])
    assert not town.in_salesforce(order)["ShipSync_Tracking_Number__c"]
    person = somebody("operator", "Tracking is missing")

    person.find(number_of(town, order))
    person.click(button(person, "Sync now"))
    expect(person.page.get_by_text("is read on both sides now")).to_be_visible()
    go_on(town, lambda: town.in_salesforce(order)["ShipSync_Tracking_Number__c"])

    (shipment,) = town.shiphero.every("shipment")
    number = shipment["shipping_labels"][0]["tracking_number"]
    assert town.in_salesforce(order)["ShipSync_Tracking_Number__c"] == number
    person.page.reload()
    expect(person.page.get_by_role("link", name=number)).to_be_visible()


def test_pause_an_account(town: Town, somebody: Any) -> None:
    person = somebody("lead", "Pause an account")

    person.click(person.page.get_by_role("link", name="Acme warehouse", exact=True))
    person.click(person.page.get_by_text("Pause…"))
    person.write(field(person, "Why is it paused?"), "Stock count.")
    person.enter()
    expect(person.page.get_by_text("Nothing is written to it")).to_be_visible()
    order = town.order()
    go_on(town, lambda: town.mirror(order))
    town.run(minutes=2)

    assert creates(town, order) == 0
    person.page.goto("/admin/")
    expect(person.page.get_by_text("Stock count.").first).to_be_visible()
