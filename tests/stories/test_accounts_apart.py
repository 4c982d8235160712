"""Each account speaks with its own login, to its own warehouse, in its own words (R12)."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.accounts.models import Account, Brand, Credential
from connectors.config_versions import ConfigKind
from connectors.http import RemoteSession
from connectors.sandbox.shiphero import judge
from connectors.sandbox.shiphero.server import ShipHeroSandbox
from connectors.sandbox.shiphero.world import ShipHeroWorld
from connectors.sandbox.wire import InProcessAdapter
from connectors.sync import clients, config, recurring
from tests.stories.reading import floor_off, until, until_status
from tests.town import METHODS, Town

BETA = "https://beta-api.shiphero.example"
POST = {"Ground": {"carrier": "dhl", "method": "dhl_parcel", "title": "DHL"}}


@pytest.fixture
def beta(town: Town, monkeypatch: pytest.MonkeyPatch) -> ShipHeroWorld:
    """Another company's warehouse, behind another login; nobody picks by himself."""
    world = ShipHeroWorld(
        clock=town.clock,
        faults=town.shiphero.faults,
        send=town._deliver,
        probe=lambda url: 200,
    )
    world.tokens.revoke()
    world.tokens.set_login("beta", "secret", "beta-token")
    app, ours = ShipHeroSandbox(world).app, clients.build_session

    def session(credential: Credential, name_call: Any) -> RemoteSession:
        made: RemoteSession = ours(credential, name_call)
        made.mount(BETA, InProcessAdapter(app))
        return made

    def run_due() -> int:
        return ours_due() + world.run_due()

    ours_due = town.shiphero.run_due
    monkeypatch.setattr(town.shiphero, "run_due", run_due)
    monkeypatch.setattr(clients, "build_session", session)
    world.set_switches({"auto_floor": False})
    for sku in ("MUG", "TEE"):
        world.seed_product(sku, sku.title(), {"Primary": 100})
    return world


@pytest.fixture
def other(town: Town, beta: ShipHeroWorld) -> Account:
    """The account of that login, which ships a brand of our organization."""
    floor_off(town)
    login = Credential.objects.create(
        system="shiphero",
        name="Beta",
        settings={"base_url": BETA},
        secrets={"refresh_token": "beta-token"},
    )
    made = Account.objects.create(
        name="Beta warehouse",
        organization=town.organization,
        credential=login,
        key_prefix="BET",
        shop_name="beta-shop",
        paused=False,
        export_from=town.start,
    )
    ships_brands(town, made, methods=POST)
    return made


def ships_brands(town: Town, other: Account, methods: dict[str, Any]) -> None:
    """One brand each; the order's description names it."""
    config.save(
        kind=ConfigKind.SHIPPING_METHODS,
        account=other,
        document=methods,
        user=None,
        now=town.now(),
    )
    Brand.objects.create(name="Beta", code="beta", account=other)
    Brand.objects.create(name="Alpha", code="alpha", account=town.account)
    town.mapped("brand", "Description")
    recurring.ensure(now=town.now())


def by_key(world: ShipHeroWorld) -> dict[str, dict[str, Any]]:
    """Its only live order of each key."""
    found = {}
    for key, orders in judge.orders_by_key(world).items():
        live = [one for one in orders if judge.live(one)]
        if live:
            (found[key],) = live
    return found


def on_the_floor(world: ShipHeroWorld) -> set[str]:
    return {key for key, order in by_key(world).items() if not judge.held(order)}


def test_r12_an_account_writes_with_its_own_login_and_in_its_own_words(
    town: Town, beta: ShipHeroWorld, other: Account
) -> None:
    """From the create over an edit to the tracking number, and a cancel."""
    worlds = (town.shiphero, beta)

    def until_both(*wanted: set[str]) -> None:
        until(town, lambda: tuple(map(on_the_floor, worlds)) == wanted)

    ours, theirs = town.order(Description="alpha"), town.order(Description="Beta")
    gone = town.order(Description="beta")
    acm, bet, bye = f"ACM-{ours}-1", f"BET-{theirs}-1", f"BET-{gone}-1"
    until_both({acm}, {bet, bye})

    shop, line = by_key(beta)[bet]["shop_name"], by_key(beta)[bet]["shipping_lines"]
    assert (shop, line["carrier"], line["method"]) == ("beta-shop", "dhl", "dhl_parcel")
    line = by_key(town.shiphero)[acm]["shipping_lines"]
    assert (line["carrier"], line["method"]) == ("ups", "ups_ground")

    town.desk.edit_order(theirs, ShippingCity="Bixby")
    town.desk.edit_order(gone, Status="Canceled")
    until_both({acm}, {bet})
    until(town, lambda: by_key(beta)[bet]["shipping_address"]["city"] == "Bixby")

    beta.floor.ship(by_key(beta)[bet]["id"])
    until(town, lambda: town.packages(theirs))
    until_status(town, theirs, "Shipped")
    (left,) = judge.shipped(beta)[bet]
    shown = town.in_salesforce(theirs)["ShipSync_Tracking_Number__c"]
    assert shown == left["packages"][0]["tracking_number"]
    assert town.packages(ours) == []
    assert judge.shipped(town.shiphero) == {}


def test_r12_a_customer_of_a_3pl_has_its_orders_under_its_own_name(
    town: Town,
) -> None:
    floor_off(town)
    customer = town.shiphero.seed_customer("Beta")
    for sku in ("MUG", "TEE"):
        town.shiphero.seed_product(
            sku, sku.title(), {"Primary": 100}, customer_account_id=customer["id"]
        )
    other = town.second_account()
    other.customer_account_id = customer["id"]
    other.save()
    ships_brands(town, other, methods=METHODS)

    ours, theirs = town.order(Description="alpha"), town.order(Description="beta")
    acm, bet = f"ACM-{ours}-1", f"BET-{theirs}-1"
    until(town, lambda: on_the_floor(town.shiphero) == {acm, bet})
    town.run(minutes=1, step=15)

    owners = {key: one["account_id"] for key, one in by_key(town.shiphero).items()}
    assert owners == {acm: town.shiphero.account["id"], bet: customer["id"]}
    town.shiphero.floor.ship(by_key(town.shiphero)[bet]["id"])
    until_status(town, theirs, "Shipped")
    assert town.packages(ours) == []
