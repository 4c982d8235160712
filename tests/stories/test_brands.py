"""Several accounts and brands: each order goes where its brand is shipped (R12)."""

from __future__ import annotations

from connectors.accounts.models import Brand
from tests.stories.reading import floor_off, until
from tests.town import Town


def test_r12_brands_go_to_their_accounts_and_carry_their_tags(town: Town) -> None:
    floor_off(town)
    other = town.second_account()
    Brand.objects.create(name="Beta", code="beta", account=other, tag="brand-beta")
    Brand.objects.create(name="Alpha", code="alpha", account=town.account)
    town.mapped("brand", "Description")
    beta = town.order(Description="Beta")
    alpha = town.order(Description="ALPHA")
    neither = town.order(Description="Gamma")

    keys = {f"BET-{beta}-1", f"ACM-{alpha}-1", f"ACM-{neither}-1"}
    until(town, lambda: made(town).keys() == keys)

    assert made(town)[f"BET-{beta}-1"] == ["brand-beta", "shipsync"]
    assert made(town)[f"ACM-{alpha}-1"] == ["shipsync"]


def made(town: Town) -> dict[str, list[str]]:
    """Every warehouse order by its key, with its tags."""
    return {
        order["partner_order_id"]: sorted(order["tags"])
        for order in town.shiphero.every("order")
    }
