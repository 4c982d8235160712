"""Which availability Salesforce does not show yet, and what became of what was sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from connectors.accounts.models import Account
from inventory.batches import in_batches
from inventory.levels import LevelWriteback, level_key
from inventory.models import (
    Availability,
    AvailabilityRun,
    SourceProduct,
    Standing,
    StockLevel,
)
from inventory.reconcile import BUCKETS
from inventory.records import Counts

DUE = ~Q(wanted_hash=F("settled_hash")) & Q(run=None)
NOT_UNDER_WAY: dict[str, Any] = {"run": None, "sent_hash": ""}
SETTLED = F("sent_hash")


@dataclass(slots=True)
class Chosen:
    """Rows that were looked at: those to write, and the others settled already."""

    levels: dict[int, LevelWriteback] = field(default_factory=dict)
    last: int = 0
    looked_at: int = 0


def due(account: Account) -> QuerySet[Availability]:
    """What Salesforce does not show yet and is not under way."""
    return Availability.objects.filter(DUE, account=account)


def has_due(account: Account, more_than: int = 0) -> bool:
    """Whether more rows than this are due; counts no further."""
    return due(account).order_by()[: more_than + 1].count() > more_than


def priced(account: Account) -> tuple[int, int]:
    """How many rows a write would send, and how many of them would be new."""
    products = SourceProduct.objects.filter(
        organization=account.organization, is_active=True, is_deleted=False
    )
    known = due(account).filter(sku__in=products.values("sku")).exclude(quantity=0)
    new = known.filter(written_at=None).count()
    told = due(account).exclude(written_at=None).count()
    return told + new, new


def choose(
    account: Account, *, after: int, most: int, run: AvailabilityRun | None = None
) -> Chosen:
    """The next due rows after this key, in the order of their keys.

    What needs no writing is settled at once; the rest is marked with what is about to
    be sent, and with the run that sends it.
    """
    ids = list(
        due(account)
        .filter(pk__gt=after)
        .order_by("pk")
        .values_list("pk", flat=True)[:most]
    )
    if not ids:
        return Chosen()
    rows = Availability.objects.filter(pk__in=ids)
    rows.update(sent_hash=F("wanted_hash"), run=run)
    found = list(rows.select_related("warehouse", "brand").order_by("pk"))
    products = _products(account, {row.sku for row in found})
    verdicts = {row.pk: _verdict(row, products.get(row.sku, ())) for row in found}
    _settle(verdicts)
    counts = _counts(found)
    levels = {
        row.pk: _level(account, row, products.get(row.sku, ()), counts)
        for row in found
        if verdicts[row.pk] is None
    }
    return Chosen(levels, ids[-1], len(ids))


def _products(
    account: Account, skus: Collection[str]
) -> dict[str, list[SourceProduct]]:
    found: dict[str, list[SourceProduct]] = defaultdict(list)
    rows = SourceProduct.objects.filter(
        organization=account.organization, sku__in=list(skus), is_deleted=False
    )
    for row in rows.only("sku", "salesforce_id", "is_active"):
        found[row.sku].append(row)
    return found


def _verdict(row: Availability, products: Sequence[SourceProduct]) -> Standing | None:
    """Why a row needs no writing; None for one that does.

    What was told once goes on being told, whatever became of its product: a number
    that stands still would be believed.
    """
    if row.written_hash and row.written_hash == row.sent_hash:
        return Standing.WRITTEN
    if row.written_at is not None or row.rewrite_at is not None:
        return None
    active = [one for one in products if one.is_active]
    if not products:
        return Standing.NO_PRODUCT
    if not active:
        return Standing.INACTIVE
    if len(active) > 1:
        return Standing.AMBIGUOUS
    return Standing.EMPTY if not row.quantity else None


def _settle(verdicts: Mapping[int, Standing | None]) -> None:
    by_standing: dict[Standing, list[int]] = defaultdict(list)
    for pk, standing in verdicts.items():
        if standing is not None:
            by_standing[standing].append(pk)
    for standing, ids in by_standing.items():
        Availability.objects.filter(pk__in=ids).update(
            settled_hash=SETTLED, standing=standing, code="", reason="", run=None
        )


def _counts(rows: Sequence[Availability]) -> dict[tuple[int, str], Counts]:
    found = StockLevel.objects.filter(
        warehouse__in={row.warehouse_id for row in rows},
        sku__in={row.sku for row in rows},
    ).order_by()
    return {
        (warehouse_id, sku): Counts(*counts)
        for warehouse_id, sku, *counts in found.values_list(
            "warehouse_id", "sku", *BUCKETS
        )
    }


def _level(
    account: Account,
    row: Availability,
    products: Sequence[SourceProduct],
    counts: Mapping[tuple[int, str], Counts],
) -> LevelWriteback:
    active = [one for one in products if one.is_active] or list(products)
    brand = row.brand.code if row.brand else ""
    return LevelWriteback(
        key=_key(account, row),
        sku=row.sku,
        warehouse=str(row.warehouse),
        available=row.quantity,
        as_of=row.stock_read_at,
        counts=counts.get((row.warehouse_id, row.sku)),
        product_id=active[0].salesforce_id if len(active) == 1 else "",
        brand=brand,
        explanation=_explained(row),
    )


def _explained(row: Availability) -> str:
    """The sum; before it the number in both units, so that no cut takes that off."""
    if not row.in_units:
        return row.sum_in_words
    return f"{row.quantity} = {row.in_units}: {row.sum_in_words}"


def _key(account: Account, row: Availability) -> str:
    """Children of one 3PL share its warehouses, so their own id belongs into it."""
    owner = "-".join(filter(None, (account.key_prefix, account.customer_account_id)))
    brand = row.brand.code if row.brand else ""
    return level_key(owner, row.warehouse.remote_id, row.sku, brand)


def keys_of(account: Account, ids: Iterable[int]) -> dict[int, str]:
    """External ids of rows, by the rows' own."""
    keys: dict[int, str] = {}
    for some in in_batches(ids):
        rows = Availability.objects.filter(pk__in=some).select_related(
            "warehouse", "brand"
        )
        keys |= {row.pk: _key(account, row) for row in rows}
    return keys


# -- around a write --------------------------------------------------------------------


def doubt(ids: Sequence[int], until: datetime) -> list[int]:
    """Before a byte leaves: write these once more after `until`, unless all is clear.

    Answers those that were in no doubt before; an older doubt is not ours to clear.
    """
    fresh = Availability.objects.filter(pk__in=ids, rewrite_at=None)
    mine = list(fresh.values_list("pk", flat=True))
    Availability.objects.filter(pk__in=mine).update(rewrite_at=until)
    return mine


def clear(ids: Iterable[int]) -> None:
    """The answer was clear: nothing of ours can land late."""
    Availability.objects.filter(pk__in=list(ids)).update(rewrite_at=None)


def end_doubts(account: Account, *, now: datetime) -> int:
    """Forget what was written where an older write may have landed since."""
    return Availability.objects.filter(account=account, rewrite_at__lte=now).update(
        rewrite_at=None, written_hash="", settled_hash=""
    )


def next_doubt(account: Account) -> datetime | None:
    """When the next row is to be written once more."""
    rows = Availability.objects.filter(account=account, rewrite_at__isnull=False)
    return rows.order_by("rewrite_at").values_list("rewrite_at", flat=True).first()


def written(ids: Iterable[int], *, now: datetime) -> None:
    """Salesforce has what was sent."""
    for some in in_batches(ids):
        Availability.objects.filter(pk__in=some).update(
            written_hash=SETTLED,
            settled_hash=SETTLED,
            written_at=now,
            standing=Standing.WRITTEN,
            code="",
            reason="",
            run=None,
        )


def refused(refusals: Mapping[int, tuple[str, str]]) -> None:
    """By row, the code and Salesforce's words. Tried again when the number changes."""
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for pk, why in refusals.items():
        alike[why].append(pk)
    for (code, reason), ids in alike.items():
        for some in in_batches(ids):
            Availability.objects.filter(pk__in=some).update(
                settled_hash=SETTLED,
                standing=Standing.REFUSED,
                code=code[:80],
                reason=reason,
                run=None,
            )


def release(ids: Iterable[int]) -> None:
    """Nothing became of these: they are due as before."""
    for some in in_batches(ids):
        Availability.objects.filter(pk__in=some).update(**NOT_UNDER_WAY)


def release_unknown(ids: Iterable[int]) -> None:
    """Nobody can tell what became of these: they are to be written again."""
    for some in in_batches(ids):
        Availability.objects.filter(pk__in=some).update(
            written_hash="", settled_hash="", **NOT_UNDER_WAY
        )


def try_again(rows: QuerySet[Availability]) -> int:
    """Look at settled rows once more, whatever they were settled for."""
    return rows.filter(run=None).update(settled_hash="", written_hash="")


def leave_out(account: Account, why: str) -> int:
    """Settle all that is due without writing it, until its numbers move again."""
    return due(account).update(
        settled_hash=F("wanted_hash"), standing=Standing.LEFT_OUT, code="", reason=why
    )
