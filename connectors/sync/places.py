"""Which account ships an order, and where several do, each of its lines."""

from __future__ import annotations

from typing import Any

from connectors.accounts.models import Account, Brand, Organization
from connectors.sync import config
from orders import mirroring, parts
from orders.brands import BrandRoute, PlacedLine, common_brand, place, place_lines
from orders.models import Export, LineItem, Order
from orders.records import OrderRecord

LONGEST_BRAND = 120


class Places:
    """The accounts and brands of an organization, read once for many orders."""

    def __init__(self, organization: Organization) -> None:
        self.accounts = {
            account.pk: account for account in organization.account_set.order_by("pk")
        }
        rows = Brand.objects.filter(account__in=self.accounts).order_by("account", "pk")
        self._brands = {brand.pk: brand for brand in rows}
        self._routes = [
            BrandRoute(brand.pk, brand.code, brand.account_id)
            for brand in self._brands.values()
        ]
        self._splits: dict[int, bool] = {}

    def of(self, record: OrderRecord) -> dict[str, Any]:
        """The account and brand of an order: by its own brand, or all its lines'."""
        brands = (line.brand or "" for line in record.lines or ())
        found = place(
            record.brand or common_brand(brands),
            self._routes,
            default_account_id=next(iter(self.accounts), None),
        )
        return {
            "account": self.accounts.get(found.account_id or 0),
            "brand": self._brands.get(found.brand_id or 0),
        }

    def splits(self, account: Account | None) -> bool:
        """Whether the account's checks let an order of several brands be parted."""
        if account is None or len(self.accounts) < 2:
            return False
        if account.pk not in self._splits:
            self._splits[account.pk] = config.checks(account).split_brands
        return self._splits[account.pk]

    def place_lines(self, order: Order) -> bool:
        """Place each line by its brand; answers whether the order has other parts now.

        An order that a person linked stays whole: its lines have names of their own.
        """
        if not self.splits(order.account) or _is_linked(order):
            return False
        assert order.account_id is not None  # noqa: S101 - splits() saw to it
        before = parts.accounts_of(order)
        brands = _brands_in(mirroring.source_record(order))
        stands = _standing(order)
        rows = {row.salesforce_id: row for row in LineItem.objects.filter(order=order)}
        placed = place_lines(
            [_placed(row, brands, stands) for row in rows.values()],
            self._routes,
            home_id=order.account_id,
        )
        moved = [
            row
            for key, row in rows.items()
            if _put(row, placed[key], brands.get(key, ""))
        ]
        LineItem.objects.bulk_update(moved, ["account", "brand"])
        parts.split_again(order)
        return parts.accounts_of(order) != before


def is_unsettled(order: Order) -> bool:
    """Whether the account's checks would part it, and nobody has placed its lines yet."""
    if order.is_split or order.account is None:
        return False
    splits = config.checks(order.account).split_brands
    return splits and order.lines.filter(account=None).exists()


def settle(order: Order) -> bool:
    """Place its lines now; answers whether the order has other parts than before."""
    return Places(order.organization).place_lines(order)


def gather(order: Order, account: Account) -> None:
    """Let one account ship every line, whatever their brands, until a brand changes."""
    brands = _brands_in(mirroring.source_record(order))
    rows = list(LineItem.objects.filter(order=order))
    moved = [
        row
        for row in rows
        if _put(row, account.pk, brands.get(row.salesforce_id, row.brand))
    ]
    LineItem.objects.bulk_update(moved, ["account", "brand"])
    parts.split_again(order)


def _brands_in(record: OrderRecord) -> dict[str, str]:
    return {
        line.salesforce_id: (line.brand or "").strip()[:LONGEST_BRAND]
        for line in record.lines or ()
    }


def _standing(order: Order) -> dict[str, int]:
    """The account in whose warehouse order each line stands, of those not canceled."""
    rows = Export.objects.filter(order=order, canceled_at=None).order_by("pk")
    return {key: one.account_id for one in rows for key in parts.standing_lines(one)}


def _is_linked(order: Order) -> bool:
    rows = order.exports.filter(linked_by_person=True, canceled_at=None)
    return rows.exists()


def _placed(
    row: LineItem, brands: dict[str, str], stands: dict[str, int]
) -> PlacedLine:
    key = row.salesforce_id
    return PlacedLine(
        key, brands.get(key, ""), row.account_id, row.brand, stands.get(key)
    )


def _put(row: LineItem, account_id: int, brand: str) -> bool:
    if (row.account_id, row.brand) == (account_id, brand):
        return False
    row.account_id, row.brand = account_id, brand
    return True
