"""The table of units as it stands, and the unit that each SKU is sold in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from connectors.accounts.models import Account
from connectors.errors import Problem
from inventory.models import ProductCase, SourceProduct, UnitFactor
from inventory.units import FactorTable

CASE = "case"


def table_of(account: Account, skus: Collection[str]) -> FactorTable:
    factors = UnitFactor.objects.filter(account=account, sku__in={"", *skus})
    return FactorTable.of(
        list(factors.values_list("sku", "unit", "factor")), cases_of(account, skus)
    )


def cases_of(account: Account, skus: Collection[str]) -> dict[str, list[int]]:
    """The sizes of the cartons that the warehouse knows, by SKU."""
    rows = ProductCase.objects.filter(product__account=account, product__sku__in=skus)
    found: dict[str, list[int]] = defaultdict(list)
    for sku, units in rows.order_by().values_list("product__sku", "units"):
        found[sku].append(units)
    return dict(found)


def sold_in(account: Account, skus: Collection[str]) -> dict[str, tuple[str, int]]:
    """By SKU, the unit that people count it in, and the pieces in one.

    It is the product's own in Salesforce, else the one case that the warehouse knows.
    SKUs that are counted by the piece, or in a unit that nobody has explained, are left
    out: a number shown in a guessed unit would be believed.
    """
    words = _words(account, skus)
    table = table_of(account, skus)
    found: dict[str, tuple[str, int]] = {}
    for sku in skus:
        told = words.get(sku, set())
        if len(told) > 1 or (not told and sku not in table.cases):
            continue
        unit = next(iter(told), CASE)
        factor = table.find(sku, unit)
        if not isinstance(factor, Problem) and factor > 1:
            found[sku] = unit, factor
    return found


def _words(account: Account, skus: Collection[str]) -> dict[str, set[str]]:
    rows = SourceProduct.objects.filter(
        organization=account.organization_id,
        sku__in=skus,
        is_active=True,
        is_deleted=False,
    ).exclude(unit="")
    found: dict[str, set[str]] = defaultdict(set)
    for sku, unit in rows.order_by().values_list("sku", "unit"):
        found[sku].add(unit)
    return found
