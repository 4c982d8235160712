"""Products as the warehouse keeps them, with recipes and cases as of their reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from connectors.accounts.models import Account
from inventory import promises
from inventory.models import KitComponent, Product, ProductCase
from inventory.records import ProductRecord
from orders.records import MISSING

COPIED = (
    "name",
    "remote_id",
    "remote_legacy_id",
    "barcode",
    "is_kit",
    "is_built",
    "is_virtual",
    "needs_serial",
    "needs_lot",
    "is_active",
)
LONGEST = {"name": 500, "remote_id": 80, "barcode": 255}


@dataclass(frozen=True, slots=True)
class Parts:
    """Recipe and cases as rows compare."""

    components: frozenset[tuple[str, int]]
    cases: frozenset[tuple[str, int]]


def record_products(
    account: Account, records: Sequence[ProductRecord], *, read_at: datetime
) -> int:
    """Take over products of one reading; answers how many moved. At most some hundred.

    The newest reading wins. A recipe or a list of cases that was not told stays. When a
    kit's recipe moves, what may be promised of it is computed again.
    """
    told = {record.sku: record for record in records if record.sku}
    with transaction.atomic():
        held = _held(account, list(told))
        newer = {
            sku: record
            for sku, record in told.items()
            if sku not in held or (held[sku].read_at or read_at) <= read_at
        }
        rows = [_row(account, record, read_at) for record in newer.values()]
        Product.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["account", "sku"],
            update_fields=[*COPIED, "remote_updated_at", "read_at"],
        )
        stored = _held(account, list(newer))
        recipes = _replace_parts(stored, newer)
    moved = {sku for sku, row in stored.items() if _differs(held.get(sku), row)}
    kits = {sku for sku in moved | recipes if stored[sku].is_kit or _was_kit(held, sku)}
    if kits:
        promises.refresh(account, kits, now=read_at)
    return len(moved | recipes)


def _held(account: Account, skus: Sequence[str]) -> dict[str, Product]:
    rows = Product.objects.filter(account=account, sku__in=skus)
    return {
        row.sku: row for row in rows.prefetch_related("components", "cases").order_by()
    }


def _row(account: Account, record: ProductRecord, read_at: datetime) -> Product:
    values = {name: getattr(record, name) for name in COPIED}
    for name, longest in LONGEST.items():
        values[name] = values[name][:longest]
    return Product(
        account=account,
        sku=record.sku,
        remote_updated_at=record.updated_at,
        read_at=read_at,
        **values,
    )


def _differs(before: Product | None, after: Product) -> bool:
    if before is None or before.read_at is None:
        return True
    return any(getattr(before, name) != getattr(after, name) for name in COPIED)


def _was_kit(held: dict[str, Product], sku: str) -> bool:
    return sku in held and held[sku].is_kit


def _replace_parts(
    stored: dict[str, Product], records: dict[str, ProductRecord]
) -> set[str]:
    """Put recipes and cases in the place of others; answers the SKUs that moved."""
    moved = set()
    for sku, product in stored.items():
        before, after = _parts_of(product), _told_parts(product, records[sku])
        if before.components != after.components:
            product.components.all().delete()
            KitComponent.objects.bulk_create(
                KitComponent(product=product, sku=part, quantity=quantity)
                for part, quantity in sorted(after.components)
            )
        if before.cases != after.cases:
            product.cases.all().delete()
            ProductCase.objects.bulk_create(
                ProductCase(product=product, barcode=barcode, units=units)
                for barcode, units in sorted(after.cases)
            )
        if before != after:
            moved.add(sku)
    return moved


def _parts_of(product: Product) -> Parts:
    return Parts(
        frozenset((row.sku, row.quantity) for row in product.components.all()),
        frozenset((row.barcode, row.units) for row in product.cases.all()),
    )


def _told_parts(product: Product, record: ProductRecord) -> Parts:
    held = _parts_of(product)
    components, cases = held.components, held.cases
    if record.components is not MISSING:
        needed: dict[str, int] = {}
        for part in record.components:
            needed[part.sku] = needed.get(part.sku, 0) + part.quantity
        components = frozenset(needed.items())
    if record.cases is not MISSING:
        cases = frozenset((case.barcode[:255], case.units) for case in record.cases)
    return Parts(components, cases)
