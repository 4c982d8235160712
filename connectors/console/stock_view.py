"""What the page of one SKU shows: each warehouse's counts, the promise, what happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.console.base import list_address
from connectors.console.chips import Tone
from connectors.console.salesforce_stock import CHIPS
from connectors.console.scoping import Scope, shared_or_by_brand
from connectors.console.trends import Step, stepped
from connectors.models import JobState, SyncJob
from connectors.timing import scaled
from inventory import unit_tables
from inventory.models import (
    Availability,
    Product,
    SourceProduct,
    Standing,
    StockDiscrepancy,
    StockLevel,
    StockMovement,
    StockPoint,
    Warehouse,
)
from inventory.reconcile import BUCKETS

TREND_OVER = timedelta(days=30)
MOST_POINTS = 400
MOST_MOVEMENTS = 50
FAILED = "The last reading failed"
# Where the page keeps the scope of who looks at a product.
VIEWED_BY = "_viewed_by"


@dataclass(frozen=True, slots=True)
class Place:
    """One warehouse of the SKU; `promises` has one entry for each formula.

    `level` is None for a kit that is taken apart: nothing of it lies anywhere.
    """

    warehouse: Warehouse
    level: StockLevel | None
    promises: list[Availability]
    trend: SafeString
    is_stale: bool


def stock_html(product: Product, now: datetime) -> SafeString:
    """The counts per warehouse, with their trend and the sum behind each promise."""
    found = places(product, now)
    totals = {
        name: sum(getattr(place.level, name) or 0 for place in found if place.level)
        for name in BUCKETS
    }
    return _render(
        "stock_places",
        places=found,
        product=product,
        totals=totals if len([place for place in found if place.level]) > 1 else None,
    )


def _numbers(product: Product) -> QuerySet[Availability]:
    """The account's numbers, without those of brands that the viewer does not see."""
    rows = Availability.objects.filter(account=product.account_id)
    scope = getattr(product, VIEWED_BY, None)
    if not isinstance(scope, Scope) or scope.everything:
        return rows
    return rows.filter(shared_or_by_brand(scope))


def places(product: Product, now: datetime) -> list[Place]:
    """Where it lies, and where a kit can be made from what lies there."""
    levels = StockLevel.objects.filter(account=product.account_id, sku=product.sku)
    rows = _numbers(product).filter(sku=product.sku)
    found: dict[int, Place] = {}
    stale_before = now - stale_after(product.account)
    for level in levels.select_related("warehouse"):
        is_stale = level.read_at < stale_before
        found[level.warehouse_id] = Place(
            level.warehouse, level, [], trend(level, now), is_stale
        )
    for row in rows.select_related("brand", "warehouse").order_by("scope"):
        bare = Place(row.warehouse, None, [], SafeString(""), False)
        found.setdefault(row.warehouse_id, bare).promises.append(row)
    return sorted(found.values(), key=lambda place: str(place.warehouse))


def told_html(product: Product) -> SafeString:
    """Its products in Salesforce, and what became of its numbers there."""
    sources = SourceProduct.objects.filter(
        organization=product.account.organization_id, sku=product.sku
    ).order_by("is_deleted", "-is_active", "pk")
    rows = _numbers(product).filter(sku=product.sku)
    standings = Counter(
        Standing.NEW if row.wanted_hash != row.settled_hash else Standing(row.standing)
        for row in rows.only("wanted_hash", "settled_hash", "standing")
    )
    return _render(
        "stock_told",
        rows=sources[:20],
        nobody="No product in Salesforce has this SKU, as far as it was read.",
        standings=[
            (standing.label, CHIPS.get(standing, Tone.WAITING), count)
            for standing, count in standings.items()
        ],
        address=list_address(Availability, q=product.sku, account=product.account_id),
    )


def stale_after(account: Account) -> timedelta:
    """How old a count may be before it is shown as stale."""
    return scaled(scoped.lookup("stock_stale_seconds", account=account).seconds)


def trend(level: StockLevel, now: datetime) -> SafeString:
    """On hand over the last thirty days, and what it was before them."""
    rows = StockPoint.objects.filter(warehouse=level.warehouse_id, sku=level.sku)
    recent = rows.filter(at__gte=now - TREND_OVER).order_by("-at", "-id")
    steps = [Step(row.at, row.on_hand) for row in recent[:MOST_POINTS]][::-1]
    before = rows.filter(at__lt=now - TREND_OVER).order_by("-at", "-id").first()
    if before is not None:
        steps.insert(0, Step(now - TREND_OVER, before.on_hand))
    if len(steps) < 2:
        return SafeString("")
    label = (
        f"On hand in {level.warehouse}: {steps[0].value} at first, "
        f"{steps[-1].value} now, over {len(steps) - 1} changes"
    )
    return stepped(steps, until=now, label=label)


def ledger_html(product: Product) -> SafeString:
    """The latest movements, each with what stood behind it."""
    rows = StockMovement.objects.filter(account=product.account_id, sku=product.sku)
    shown = list(rows.select_related("warehouse")[: MOST_MOVEMENTS + 1])
    return _render(
        "stock_ledger",
        rows=shown[:MOST_MOVEMENTS],
        more=len(shown) > MOST_MOVEMENTS,
        all=list_address(StockMovement, q=product.sku, account=product.account_id),
    )


def discrepancies_html(product: Product) -> SafeString:
    rows = StockDiscrepancy.objects.filter(account=product.account_id, sku=product.sku)
    return _render("stock_discrepancies", rows=rows.select_related("warehouse")[:20])


def recipe_html(product: Product) -> SafeString:
    """Components with what can be promised of each, cases, and the unit it is sold in."""
    parts = list(product.components.all())
    skus = [part.sku for part in parts]
    rows = Product.objects.filter(account=product.account_id, sku__in=skus)
    by_sku = {row.sku: row for row in rows}
    promised: dict[str, list[Availability]] = {}
    for row in (
        Availability.objects.filter(account=product.account_id, sku__in=skus, scope=0)
        .select_related("warehouse")
        .order_by("warehouse__name")
    ):
        promised.setdefault(row.sku, []).append(row)
    unit = unit_tables.sold_in(product.account, [product.sku]).get(product.sku)
    return _render(
        "stock_recipe",
        product=product,
        parts=[
            (part, by_sku.get(part.sku), promised.get(part.sku, ())) for part in parts
        ],
        cases=list(product.cases.all()),
        unit=unit,
    )


def progress_html(product: Product) -> SafeString:
    """What a reading is doing; the page looks again while one is under way."""
    words = progress_of(product)
    waits = bool(words) and not words.startswith(FAILED)
    return _render("stock_progress", words=words, waits=waits)


def progress_of(product: Product) -> str:
    """What a reading that was asked for is doing, or "" when none is under way."""
    job = SyncJob.objects.filter(
        kind="pull_stock", account=product.account_id, subject=str(product.pk)
    ).first()
    if job is None or job.state == JobState.DONE:
        return ""
    if job.state == JobState.PARKED:
        return f"{FAILED}: {job.last_reason}"
    if job.state == JobState.RUNNING:
        return "Being read now."
    return job.note or "Waits to be read; a few seconds as a rule."


def _render(name: str, **context: Any) -> SafeString:
    return render_to_string(f"admin/console/{name}.html", context)
