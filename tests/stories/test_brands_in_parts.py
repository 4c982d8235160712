"""An order of several brands has an export in each account that ships them (R12)."""

from __future__ import annotations

import pytest

from connectors.accounts.models import Account, Brand
from connectors.config_versions import ConfigKind
from connectors.sandbox.shiphero import judge as shiphero_judge
from connectors.sync import config, placements, recurring
from orders.models import Export
from tests.stories.reading import (
    a_user,
    floor_off,
    lines_in_salesforce,
    lines_of,
    open_codes,
    tracked,
    until,
    until_status,
)
from tests.town import Town


@pytest.fixture
def other(town: Town) -> Account:
    """A second account; each ships a brand, and the brand stands on the line."""
    other = town.second_account()
    Brand.objects.create(name="Beta", code="beta", account=other, tag="brand-beta")
    Brand.objects.create(name="Alpha", code="alpha", account=town.account)
    town.mapped("lines.brand", "Description")
    checks(town, split_brands=True)
    recurring.ensure(now=town.now())
    return other


def checks(town: Town, **document: bool) -> None:
    config.save(
        kind=ConfigKind.CHECKS,
        account=town.account,
        document=document,
        user=None,
        now=town.now(),
    )


def branded(town: Town, **brands: str) -> str:
    """An activated order with a line of each SKU, of the brand named."""
    order = town.order(*((sku, 2) for sku in brands), activate=False)
    for sku, line in lines_in_salesforce(town, order).items():
        town.desk.edit_line(line, Description=brands[sku])
    town.desk.activate(order)
    return order


def there(town: Town, key: str) -> dict[str, int]:
    """The lines of the live warehouse order of that key; of none, nothing."""
    found = shiphero_judge.orders_by_key(town.shiphero).get(key, [])
    live = [one for one in found if shiphero_judge.live(one)]
    assert len(live) < 2
    return lines_of(live[0]) if live else {}


def everywhere(town: Town, order: str) -> dict[str, dict[str, int]]:
    """The lines of all its live warehouse orders, by the prefix of their account."""
    found = shiphero_judge.orders_by_key(town.shiphero)
    live = {key: there(town, key) for key in found if f"-{order}-" in key}
    return {key[:3]: lines for key, lines in live.items() if lines}


def rebrand(town: Town, order: str, sku: str, brand: str) -> None:
    town.desk.edit_line(lines_in_salesforce(town, order)[sku], Description=brand)


def applied(town: Town, call: str, key: str) -> list[int]:
    """The places of these writes in the ledger."""
    return [
        place
        for place, entry in enumerate(town.shiphero.ledger())
        if entry.call == f"shiphero.{call}"
        and entry.subject == key
        and entry.outcome == "applied"
    ]


def never_twice(town: Town, order: str) -> None:
    """No line stands in two live warehouse orders at once."""
    ours, theirs = there(town, f"ACM-{order}-1"), there(town, f"BET-{order}-1")
    assert not ours.keys() & theirs.keys()


def test_r12_each_brand_of_an_order_ships_from_its_account(
    town: Town, other: Account
) -> None:
    order = branded(town, MUG="alpha", TEE="Beta")
    ours, theirs = f"ACM-{order}-1", f"BET-{order}-1"
    until(town, lambda: there(town, ours) and there(town, theirs))

    assert (there(town, ours), there(town, theirs)) == ({"MUG": 2}, {"TEE": 2})
    tags = {
        one["partner_order_id"]: one["tags"] for one in town.shiphero.every("order")
    }
    assert sorted(tags[theirs]) == ["brand-beta", "shipsync"]
    assert sorted(tags[ours]) == ["shipsync"]

    until_status(town, order, "Shipped", minutes=40)
    shipped = shiphero_judge.shipped(town.shiphero)
    numbers = sorted(
        parcel["tracking_number"]
        for key in (ours, theirs)
        for shipment in shipped[key]
        for parcel in shipment["packages"]
    )
    until(town, lambda: tracked(town, order) == numbers)
    assert len(numbers) > 1
    shown = town.in_salesforce(order)["ShipSync_Warehouse_Order_Id__c"]
    assert len(shown.split(", ")) == 2
    assert open_codes(order) == []


def test_r12_each_part_goes_by_the_shipping_method_of_its_own_account(
    town: Town, other: Account
) -> None:
    floor_off(town)
    config.save(
        kind=ConfigKind.SHIPPING_METHODS,
        account=other,
        document={"Ground": {"carrier": "dhl", "method": "dhl_parcel"}},
        user=None,
        now=town.now(),
    )
    order = branded(town, MUG="alpha", TEE="beta")
    ours, theirs = f"ACM-{order}-1", f"BET-{order}-1"
    until(town, lambda: there(town, ours) and there(town, theirs))

    made = shiphero_judge.orders_by_key(town.shiphero)
    methods = {
        key: [one["shipping_lines"]["method"] for one in made[key]]
        for key in (ours, theirs)
    }
    assert methods == {ours: ["ups_ground"], theirs: ["dhl_parcel"]}


def test_r12_a_line_that_changes_its_brand_goes_over_once_it_is_gone(
    town: Town, other: Account
) -> None:
    """And where it was the last of its part, that part is canceled first."""
    floor_off(town)
    order = branded(town, MUG="alpha", TEE="beta", CAP="alpha")
    ours, theirs = f"ACM-{order}-1", f"BET-{order}-1"
    until(town, lambda: there(town, ours) and there(town, theirs))

    rebrand(town, order, "CAP", "beta")
    for _ in range(60):
        town.tick(5)
        never_twice(town, order)

    assert there(town, ours) == {"MUG": 2}
    assert there(town, theirs) == {"TEE": 2, "CAP": 2}
    (gone,) = applied(town, "order_remove_line_items", ours)
    (added,) = applied(town, "order_add_line_items", theirs)
    assert gone < added

    rebrand(town, order, "MUG", "beta")
    for _ in range(60):
        town.tick(5)
        never_twice(town, order)

    assert there(town, ours) == {}
    assert there(town, theirs) == {"TEE": 2, "CAP": 2, "MUG": 2}
    assert len(applied(town, "order_cancel", ours)) == 1

    rebrand(town, order, "MUG", "alpha")
    again = f"ACM-{order}-2"
    until(town, lambda: there(town, again) == {"MUG": 2})
    assert there(town, theirs) == {"TEE": 2, "CAP": 2}
    assert open_codes(order) == []


def test_r12_two_parts_change_places_without_waiting_for_each_other(
    town: Town, other: Account
) -> None:
    """Neither may have the other's line before it is gone there, so one is canceled."""
    floor_off(town)
    order = branded(town, MUG="alpha", TEE="beta")
    until(town, lambda: Export.objects.exclude(released_at=None).count() == 2)

    rebrand(town, order, "MUG", "beta")
    rebrand(town, order, "TEE", "alpha")
    swapped = {"ACM": {"TEE": 2}, "BET": {"MUG": 2}}
    until(town, lambda: everywhere(town, order) == swapped, minutes=20)

    assert open_codes(order) == []


def test_r12_a_shipped_line_does_not_ship_again_from_its_new_brand(
    town: Town, other: Account
) -> None:
    floor_off(town)
    order = branded(town, MUG="alpha", TEE="beta", CAP="alpha")
    until(town, lambda: Export.objects.exclude(released_at=None).count() == 2)
    town.run(minutes=1)
    town.shiphero.floor.ship(Export.objects.get(account=town.account).remote_id)
    until_status(town, order, "Partially Shipped")

    rebrand(town, order, "CAP", "beta")
    until(town, lambda: open_codes(order) == ["export.edit_too_late"])
    town.run(minutes=5)

    assert there(town, f"BET-{order}-1") == {"TEE": 2}


def test_r12_parts_that_a_person_puts_together_ship_from_one_account(
    town: Town, other: Account
) -> None:
    floor_off(town)
    order = branded(town, MUG="alpha", TEE="beta")
    until(town, lambda: Export.objects.exclude(released_at=None).count() == 2)

    placements.move_order(
        order=town.mirror(order),
        account=other,
        why="One parcel",
        user=a_user(),
        now=town.now(),
    )
    both = {"TEE": 2, "MUG": 2}
    until(town, lambda: there(town, f"BET-{order}-1") == both, minutes=20)

    assert there(town, f"ACM-{order}-1") == {}
    town.desk.edit_order(order, PoNumber="PO-2")
    town.run(minutes=3)
    assert there(town, f"BET-{order}-1") == both


def test_r12_an_order_kept_together_is_parted_when_the_checks_allow_it(
    town: Town, other: Account
) -> None:
    """Nothing of it went before; and a cancel reaches every part."""
    floor_off(town)
    checks(town)
    order = branded(town, MUG="alpha", TEE="beta")
    until(town, lambda: open_codes(order) == ["brand.mixed"])
    assert Export.objects.exclude(remote_id="").count() == 0

    checks(town, split_brands=True)

    until(town, lambda: there(town, f"BET-{order}-1") == {"TEE": 2})
    until(town, lambda: there(town, f"ACM-{order}-1") == {"MUG": 2})
    until(town, lambda: open_codes(order) == [])

    town.desk.edit_order(order, Status="Canceled")
    until_status(town, order, "Canceled")
    assert everywhere(town, order) == {}
