"""Which formula holds for an account and for each of its brands."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass

from connectors.accounts import scoped
from connectors.accounts.models import Account, Brand, ScopedSetting
from inventory.availability import Formula
from inventory.models import UnitFactor, Warehouse

KEYS = {
    "buffer": "availability_buffer",
    "threshold": "availability_threshold",
    "counts_sell_ahead": "availability_sell_ahead",
    "counts_backorders": "availability_backorders",
    "on_hand_holds_non_sellable": "availability_non_sellable",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """A formula and whom it holds for: a brand, or (None) the account as a whole."""

    brand: Brand | None
    formula: Formula

    @property
    def key(self) -> int:
        return self.brand.pk if self.brand else 0


def formula_of(account: Account, brand: Brand | None = None) -> Formula:
    values = {
        name: scoped.lookup(key, account=account, brand=brand).value
        for name, key in KEYS.items()
    }
    return Formula(**values)


def scopes_of(account: Account) -> list[Scope]:
    """The account's own formula, and one for each brand that sets something itself."""
    own = ScopedSetting.objects.filter(
        key__in=KEYS.values(), brand__account=account
    ).values("brand")
    brands = Brand.objects.filter(account=account, pk__in=own).select_related("account")
    return [
        Scope(None, formula_of(account)),
        *(Scope(brand, formula_of(account, brand)) for brand in brands),
    ]


def digest(account: Account) -> str:
    """Names all that decides on every number of the account at once: the formulas, the
    warehouses that are promised from, and the units that hold for every SKU."""
    chosen = Warehouse.objects.filter(account=account, is_chosen=True, is_listed=True)
    units = UnitFactor.objects.filter(account=account, sku="").order_by("unit")
    told = [
        sorted((scope.key, astuple(scope.formula)) for scope in scopes_of(account)),
        sorted(chosen.values_list("pk", flat=True)),
        list(units.values_list("unit", "factor")),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
