"""Orders that we have promised and that ShipHero's numbers do not show yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import F, Sum

from connectors.accounts.models import Account
from orders.models import ExportLine

# Of pieces whose warehouse is not decided: ("SKU", "") -> pieces.
InFlight = Mapping[tuple[str, str], int]


def pieces(account: Account, skus: Iterable[str]) -> InFlight:
    """By (SKU, warehouse's ShipHero id): what open exports want and nobody counts.

    ShipHero allocates seconds after the create, and not before a held order is
    released. Until a reading of the order shows its lines allocated, backordered or
    shipped, its pieces look free there and are not.
    """
    open_lines = ExportLine.objects.filter(
        export__account=account,
        export__canceled_at=None,
        export__closed_at=None,
        is_removed=False,
        sku__in=list(skus),
    )
    uncounted = F("quantity") - F("allocated") - F("backordered") - F("shipped")
    rows = (
        open_lines.annotate(left=uncounted)
        .filter(left__gt=0)
        .values("sku", "warehouse")
        .annotate(pieces=Sum("left"))
        .order_by()
    )
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        found[row["sku"], row["warehouse"]] += row["pieces"]
    return found


def skus_of_open_exports(account: Account) -> list[str]:
    """Whose availability moves with orders, without any stock being moved."""
    lines = ExportLine.objects.filter(
        export__account=account, export__canceled_at=None, export__closed_at=None
    )
    return list(lines.order_by().values_list("sku", flat=True).distinct())
