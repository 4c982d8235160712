"""Products of Salesforce, mirrored; and which of their SKUs cannot be relied on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from connectors.accounts.models import Account, Organization
from inventory import outbox
from inventory.batches import in_batches
from inventory.models import Availability, SkuTrouble, SourceProduct
from inventory.records import SKU_LENGTH, SourceProductRecord

CHANGEABLE = ("sku", "name", "is_active", "is_deleted", "unit")
UPDATED = (*CHANGEABLE, "source_modified_at", "read_at")


@dataclass(slots=True)
class Mirrored:
    """`skus` are those whose product is another now, `corrected` those of products that
    were known before, as they were and as they are; `regrouped` those whose unit of
    measure may be another."""

    changed: int = 0
    skus: set[str] = field(default_factory=set)
    corrected: set[str] = field(default_factory=set)
    regrouped: set[str] = field(default_factory=set)


def store(
    records: Sequence[SourceProductRecord], organization: Organization, *, now: datetime
) -> Mirrored:
    """Mirror these products, and have availability look at what moved. One commit's
    worth at a time."""
    mirrored = Mirrored()
    last = {record.salesforce_id: record for record in records}
    held = {
        row.salesforce_id: row
        for row in SourceProduct.objects.filter(
            organization=organization, salesforce_id__in=last
        )
    }
    fresh = [
        _row(record, organization, now)
        for record in last.values()
        if _is_news(held.get(record.salesforce_id), record)
    ]
    SourceProduct.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["organization", "salesforce_id"],
        update_fields=UPDATED,
    )
    for row in fresh:
        _note(mirrored, held.get(row.salesforce_id), row)
    judge(organization, mirrored.skus - {""})
    mine = SourceProduct.objects.filter(organization=organization, sku="")
    mine.filter(salesforce_id__in=last).update(trouble=_trouble())
    _look_again(organization, mirrored.skus)
    return mirrored


def _row(
    record: SourceProductRecord, organization: Organization, now: datetime
) -> SourceProduct:
    return SourceProduct(
        organization=organization,
        salesforce_id=record.salesforce_id,
        sku=record.sku[:SKU_LENGTH],
        name=record.name[:255],
        is_active=record.is_active,
        is_deleted=record.is_deleted,
        unit=record.unit[:40],
        source_modified_at=record.modified_at,
        read_at=now,
    )


def _is_news(held: SourceProduct | None, record: SourceProductRecord) -> bool:
    if held is None:
        return True
    if record.modified_at < held.source_modified_at:
        return False
    told = (record.sku[:SKU_LENGTH], record.name[:255], record.is_active)
    rest = (record.is_deleted, record.unit[:40])
    return (*told, *rest) != tuple(getattr(held, name) for name in CHANGEABLE)


def _note(mirrored: Mirrored, before: SourceProduct | None, row: SourceProduct) -> None:
    mirrored.changed += 1
    mirrored.skus |= {row.sku}
    if row.unit or (before is not None and before.unit):
        mirrored.regrouped |= {row.sku, before.sku if before else row.sku}
    if before is not None:
        mirrored.skus |= {before.sku}
        mirrored.corrected |= {before.sku, row.sku}


def _look_again(organization: Organization, skus: Iterable[str]) -> None:
    for some in in_batches(sorted(skus)):
        rows = Availability.objects.filter(
            account__in=Account.objects.filter(organization=organization), sku__in=some
        )
        outbox.try_again(rows)


# -- what cannot be relied on -----------------------------------------------------------


def living(organization: Organization | None = None) -> QuerySet[SourceProduct]:
    rows = SourceProduct.objects.filter(is_deleted=False)
    return rows if organization is None else rows.filter(organization=organization)


def in_trouble(
    rows: QuerySet[SourceProduct], trouble: SkuTrouble | str
) -> QuerySet[SourceProduct]:
    """Those of the rows that have this trouble."""
    return rows.filter(trouble=trouble).exclude(trouble="")


def judge(organization: Organization, skus: Iterable[str]) -> None:
    """Note anew what is wrong with the products of these SKUs.

    Kept in a column: to find two products of one SKU, all products must be read.
    """
    mine = SourceProduct.objects.filter(organization=organization)
    for some in in_batches(sorted(skus)):
        mine.filter(sku__in=some).update(trouble=_trouble())


def _trouble() -> Case:
    twins = (
        living()
        .filter(organization=OuterRef("organization"), sku=OuterRef("sku"))
        .filter(is_active=True)
        .exclude(pk=OuterRef("pk"))
    )
    return Case(
        When(is_deleted=True, then=Value("")),
        When(sku="", is_active=True, then=Value(SkuTrouble.MISSING)),
        When(sku="", then=Value("")),
        When(Q(Exists(twins), is_active=True), then=Value(SkuTrouble.AMBIGUOUS)),
        When(Q(~Exists(twins), is_active=False), then=Value(SkuTrouble.INACTIVE)),
        default=Value(""),
    )
