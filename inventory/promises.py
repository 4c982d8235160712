"""Availability per brand, SKU and warehouse, kept in step with stock and orders."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from django.db import transaction

from connectors.accounts.models import Account
from inventory import in_flight, unit_tables
from inventory.availability import (
    NOTHING,
    Formula,
    KitStock,
    Promise,
    promise,
    promise_kit,
)
from inventory.batches import in_batches
from inventory.formulas import Scope, scopes_of
from inventory.models import Availability, KitComponent, Product, StockLevel, Warehouse
from inventory.reconcile import BUCKETS
from inventory.records import Counts, KitPart

BATCH = 100
BY_THE_PIECE = ("", 1)
GONE = "Not promised from here any more"
WITHDRAWN = hashlib.sha256(GONE.encode()).hexdigest()
UPDATED = (
    "quantity",
    "explanation",
    "unit",
    "unit_factor",
    "stock_read_at",
    "computed_at",
    "wanted_hash",
    "account",
    "brand",
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one warehouse has of one SKU."""

    counts: Counts
    is_active: bool
    read_at: datetime


@dataclass(slots=True)
class Stock:
    """All that promises about some SKUs are made of; read in a few statements."""

    warehouses: list[Warehouse]
    shelves: Mapping[tuple[str, int], Shelf]
    recipes: Mapping[str, tuple[KitPart, ...]]
    flying: Mapping[tuple[str, int], int]

    def of(self, sku: str, warehouse: Warehouse, formula: Formula) -> Promise:
        """What may be promised of a SKU from a warehouse."""
        if sku in self.recipes:
            return self._of_kit(sku, warehouse, formula)
        shelf = self.shelves.get((sku, warehouse.pk))
        if shelf is None:
            return NOTHING
        return promise(
            shelf.counts,
            formula,
            in_flight=self.flying.get((sku, warehouse.pk), 0),
            is_active=shelf.is_active,
        )

    def _of_kit(self, sku: str, warehouse: Warehouse, formula: Formula) -> Promise:
        """Its own row says whether it is active here; its own counts mean nothing."""
        own = self.shelves.get((sku, warehouse.pk))
        parts = [
            KitStock(
                part.sku,
                part.quantity,
                self.of(part.sku, warehouse, formula)
                if (part.sku, warehouse.pk) in self.shelves
                and part.sku not in self.recipes
                else None,
            )
            for part in self.recipes[sku]
        ]
        return promise_kit(parts, formula, is_active=own is None or own.is_active)

    def read_at(self, sku: str, warehouse: Warehouse) -> datetime | None:
        """How old the oldest count is that a promise rests on."""
        parts = [part.sku for part in self.recipes.get(sku, ())] or [sku]
        shelves = [self.shelves.get((part, warehouse.pk)) for part in parts]
        return min((shelf.read_at for shelf in shelves if shelf), default=None)


def stock_of(account: Account, skus: Iterable[str]) -> Stock:
    """Read what the promises of these SKUs, kits included, depend on."""
    wanted = set(skus)
    recipes = recipes_of(account, wanted)
    everything = wanted | {part.sku for parts in recipes.values() for part in parts}
    warehouses = list(
        Warehouse.objects.filter(account=account, is_chosen=True, is_listed=True)
    )
    shelves = _shelves(account, everything)
    flying = _flying(account, everything, warehouses, shelves)
    return Stock(warehouses, shelves, recipes, flying)


def recipes_of(account: Account, skus: Iterable[str]) -> dict[str, tuple[KitPart, ...]]:
    """The recipes of those among the SKUs that are taken apart when ordered."""
    kits = Product.objects.filter(
        account=account, sku__in=list(skus), is_kit=True, is_built=False
    ).prefetch_related("components")
    return {
        kit.sku: tuple(KitPart(row.sku, row.quantity) for row in kit.components.all())
        for kit in kits
    }


def refresh(account: Account, skus: Iterable[str], *, now: datetime) -> int:
    """Compute these SKUs, and the kits they go into, again; answers how many moved."""
    wanted = sorted({*skus, *_kits_of(account, skus)})
    scopes = scopes_of(account)
    return sum(
        _refresh_batch(account, batch, scopes, now)
        for batch in in_batches(wanted, BATCH)
    )


def _refresh_batch(
    account: Account, skus: Sequence[str], scopes: Sequence[Scope], now: datetime
) -> int:
    with transaction.atomic():
        held = {
            (row.sku, row.warehouse_id, row.scope): row
            for row in Availability.objects.filter(account=account, sku__in=skus)
        }
        fresh = list(_rows(account, stock_of(account, skus), skus, scopes, now))
        moved = [
            row
            for row in fresh
            if _key(row) not in held or held[_key(row)].wanted_hash != row.wanted_hash
        ]
        Availability.objects.bulk_create(
            moved,
            update_conflicts=True,
            unique_fields=["warehouse", "sku", "scope"],
            update_fields=UPDATED,
        )
        named = {_key(row) for row in fresh}
        gone = [
            row
            for key, row in held.items()
            if key not in named and row.wanted_hash != WITHDRAWN
        ]
        _withdraw(gone, now)
    return len(moved) + len(gone)


def _key(row: Availability) -> tuple[str, int, int]:
    return row.sku, row.warehouse_id, row.scope


def _rows(
    account: Account,
    stock: Stock,
    skus: Sequence[str],
    scopes: Sequence[Scope],
    now: datetime,
) -> Iterator[Availability]:
    sold = unit_tables.sold_in(account, skus)
    for sku in skus:
        unit, factor = sold.get(sku, BY_THE_PIECE)
        for warehouse in stock.warehouses:
            read_at = stock.read_at(sku, warehouse)
            if read_at is None:
                continue
            shelf = stock.shelves.get((sku, warehouse.pk))
            for scope in scopes:
                found = stock.of(sku, warehouse, scope.formula)
                yield Availability(
                    account=account,
                    brand=scope.brand,
                    scope=scope.key,
                    warehouse=warehouse,
                    sku=sku,
                    quantity=found.quantity,
                    explanation=[[step.words, step.amount] for step in found.steps],
                    unit=unit,
                    unit_factor=factor,
                    stock_read_at=read_at,
                    computed_at=now,
                    wanted_hash=digest(
                        found, shelf.counts if shelf else None, (unit, factor)
                    ),
                )


def digest(
    found: Promise, counts: Counts | None, unit: tuple[str, int] = BY_THE_PIECE
) -> str:
    """Names what is to be written: another number, reason, or unit to show it in."""
    told: list[object] = [
        [(step.words, step.amount) for step in found.steps],
        astuple(counts) if counts else None,
    ]
    if unit != BY_THE_PIECE:
        told.append(unit)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _withdraw(rows: Sequence[Availability], now: datetime) -> None:
    """What no formula names any more is promised no more: the row says none."""
    for row in rows:
        row.quantity = 0
        row.explanation = [[GONE, 0]]
        row.wanted_hash = WITHDRAWN
        row.computed_at = now
    Availability.objects.bulk_update(
        rows, ["quantity", "explanation", "wanted_hash", "computed_at"]
    )


def _kits_of(account: Account, skus: Iterable[str]) -> list[str]:
    return list(
        KitComponent.objects.filter(
            product__account=account,
            product__is_kit=True,
            product__is_built=False,
            sku__in=list(skus),
        )
        .order_by()
        .values_list("product__sku", flat=True)
        .distinct()
    )


def _shelves(account: Account, skus: Iterable[str]) -> dict[tuple[str, int], Shelf]:
    rows = StockLevel.objects.filter(account=account, sku__in=list(skus))
    return {
        (sku, warehouse_id): Shelf(Counts(*counts), is_active, read_at)
        for sku, warehouse_id, is_active, read_at, *counts in rows.order_by()
        .values_list("sku", "warehouse_id", "is_active", "read_at", *BUCKETS)
        .iterator(chunk_size=1000)
    }


def _flying(
    account: Account,
    skus: Iterable[str],
    warehouses: Sequence[Warehouse],
    shelves: Mapping[tuple[str, int], Shelf],
) -> dict[tuple[str, int], int]:
    """Pieces in flight by warehouse; kits are taken apart into their components.

    What has no warehouse yet is taken off where most lies: it is the likeliest, and
    no other warehouse promises less than it can keep.
    """
    asked = set(skus)
    kits = _kits_of(account, asked)
    recipes = recipes_of(account, kits)
    found: dict[tuple[str, int], int] = defaultdict(int)
    by_remote = {warehouse.remote_id: warehouse.pk for warehouse in warehouses}
    for (sku, remote_id), count in in_flight.pieces(account, {*asked, *kits}).items():
        for part in recipes.get(sku, (KitPart(sku, 1),)):
            place = by_remote.get(remote_id)
            if place is None and not remote_id:
                place = _fullest(part.sku, warehouses, shelves)
            if place is not None:
                found[part.sku, place] += count * part.quantity
    return found


def _fullest(
    sku: str,
    warehouses: Sequence[Warehouse],
    shelves: Mapping[tuple[str, int], Shelf],
) -> int | None:
    def free(warehouse: Warehouse) -> int:
        shelf = shelves.get((sku, warehouse.pk))
        return shelf.counts.on_hand - (shelf.counts.allocated or 0) if shelf else -1

    best = max(warehouses, key=free, default=None)
    return best.pk if best is not None and free(best) >= 0 else None
