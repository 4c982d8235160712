"""Saving maps and rules: what it will do is said first, and what it freed is let go."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from connectors.accounts import permissions, scoped
from connectors.accounts.models import Account
from connectors.casework import BulkRetry
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.errors import Kind
from connectors.models import FailedPayload
from connectors.sync import bulk_retries, config, what_if
from connectors.sync.actions import ActionRefusedError, User
from connectors.sync.what_if import Impact
from inventory.batches import in_batches
from inventory.models import Product
from orders import map_files, maps
from orders.map_files import METHOD_COLUMNS, VALUE_COLUMNS, Merge, Read
from orders.maps import key_of
from orders.models import LineItem

KINDS: dict[str, maps.MapRules] = {
    ConfigKind.SKU_ALIASES: maps.SKUS,
    ConfigKind.TAGS: maps.TAGS,
    ConfigKind.PRODUCT_TYPES: maps.PRODUCT_TYPES,
    ConfigKind.WEIGHTS: maps.WEIGHTS,
    ConfigKind.SHIPPING_METHODS: maps.MapRules("Shipping methods", maps.Policy.BLOCK),
}
# What keeps orders back, and lets them go when it is saved.
RELEASING = frozenset({*KINDS, ConfigKind.ROUTING, ConfigKind.CHECKS})
# Which map a problem's code asks for.
ASKS = {
    "sku.unmapped": ConfigKind.SKU_ALIASES,
    "sku.unknown": ConfigKind.SKU_ALIASES,
    "method.unmapped": ConfigKind.SHIPPING_METHODS,
    "method.not_valid": ConfigKind.SHIPPING_METHODS,
    "tag.unmapped": ConfigKind.TAGS,
}
USED_WITHIN = timedelta(days=90)
MOST_FAILURES = 20_000
MOST_CANDIDATES = 2000


@dataclass(frozen=True, slots=True)
class Saved:
    """`retry` lets go of many in waves; few were let go at once."""

    version: ConfigVersion
    impact: Impact
    retry: BulkRetry | None


def document_of(account: Account, kind: str) -> dict[str, Any]:
    """The document in force in its full form, empty where none was saved."""
    found: dict[str, Any] = config.in_force(kind, account).to_document()
    return found


def columns_of(kind: str) -> tuple[str, ...]:
    return METHOD_COLUMNS if kind == ConfigKind.SHIPPING_METHODS else VALUE_COLUMNS


def read_text(kind: str, text: str) -> Read:
    if kind == ConfigKind.SHIPPING_METHODS:
        return map_files.read_methods(text)
    return map_files.read_values(text, KINDS[kind])


def drafted(
    document: Mapping[str, Any], read: Read, *, replaces: bool
) -> tuple[dict[str, Any], Merge]:
    """The document with the rows of a text in it."""
    merge = map_files.merged(document["rows"], read.rows, replaces=replaces)
    return {**document, "rows": list(merge.rows)}, merge


def not_in_catalogue(
    account: Account, kind: str, rows: Iterable[Mapping[str, Any]]
) -> list[str]:
    """The SKUs that these aliases lead to and ShipHero's catalogue does not have.

    Said, not refused: our copy may be minutes old, and one never read knows nothing.
    """
    known = Product.objects.filter(account=account).exclude(read_at=None)
    if kind != ConfigKind.SKU_ALIASES or not known.exists():
        return []
    wanted = sorted({str(row["to"]) for row in rows if row["to"]})
    found: set[str] = set()
    for some in in_batches(wanted):
        found |= set(known.filter(sku__in=some).values_list("sku", flat=True))
    return [sku for sku in wanted if sku not in found]


def save(
    *,
    account: Account,
    kind: str,
    document: dict[str, Any],
    user: User,
    now: datetime,
    note: str = "",
) -> Saved:
    """Put a map, rules or checks into force and let go of what they had blocked.

    Few orders go at once; many go as a retry of many, the first one first, that stops
    by itself at a repeat and by hand at any time. Raises PermissionDenied, and
    ActionRefusedError for a document that cannot be read.
    """
    permissions.require(user, permissions.CHANGE_CONFIG, account)
    try:
        impact = what_if.impact(account, kind, document, now=now)
    except ValueError as error:
        raise ActionRefusedError(str(error)) from error
    freed = [row.order_id for row in impact.unblocks]
    wave = scoped.lookup("release_wave", account=account).value
    is_many = len(freed) > wave and permissions.may(user, permissions.RETRY, account)
    with transaction.atomic():
        version = config.save(
            kind=kind,
            document=document,
            user=user,
            now=now,
            account=account,
            note=note,
            releases=not is_many,
        )
        retry = _release(account, freed, version, user, now) if is_many else None
    return Saved(version, impact, retry)


def _release(
    account: Account,
    order_ids: Sequence[int],
    version: ConfigVersion,
    user: User,
    now: datetime,
) -> BulkRetry | None:
    failures = FailedPayload.objects.filter(
        account=account,
        order__in=order_ids,
        closed_at=None,
        error_kind__in=[Kind.MAPPING, Kind.INVALID],
    )
    if not failures.exists():
        return None
    words = f"{version} unblocks {len(order_ids)}"
    return bulk_retries.start(
        failures=failures, words=words, cause=None, user=user, now=now
    )


# -- what is used, what is missing ---------------------------------------------


def usage(account: Account, kind: str, *, now: datetime) -> Counter[str]:
    """How many orders of the last 90 days asked for each value, by its key."""
    orders = what_if.served(account).filter(created_at__gte=now - USED_WITHIN)
    found: Counter[str] = Counter()
    rows: Iterable[tuple[Any, ...]]
    if kind == ConfigKind.SHIPPING_METHODS:
        rows = orders.order_by().values_list("shipping_method").annotate(Count("pk"))
    elif kind in {ConfigKind.SKU_ALIASES, ConfigKind.PRODUCT_TYPES, ConfigKind.WEIGHTS}:
        rows = (
            LineItem.objects.filter(order__in=orders)
            .order_by()
            .values_list("sku")
            .annotate(Count("order", distinct=True))
        )
    else:
        return found
    for value, count in rows:
        found[key_of(value)] += count
    return found


@dataclass(slots=True)
class Unmapped:
    """One value that no row lists, with the orders that wait for it."""

    account: Account
    kind: str
    value: str
    orders: set[int] = field(default_factory=set)
    since: datetime | None = None
    suggestions: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return KINDS[self.kind].title


def unmapped(accounts: Iterable[Account]) -> list[Unmapped]:
    """What open failures ask of the maps, the value that blocks most orders first."""
    by_id = {account.pk: account for account in accounts}
    found: dict[tuple[int, str, str], Unmapped] = {}
    rows = FailedPayload.objects.filter(
        account__in=by_id,
        closed_at=None,
        error_kind__in=[Kind.MAPPING, Kind.INVALID],
    ).values_list("account_id", "order_id", "problems", "opened_at")
    for account_id, order_id, problems, opened_at in rows[:MOST_FAILURES]:
        for problem in problems or ():
            kind = ASKS.get(str(problem.get("code")))
            value = str(problem.get("value") or "").strip()
            if kind is None or not value or order_id is None:
                continue
            key = (account_id, str(kind), key_of(value))
            one = found.setdefault(key, Unmapped(by_id[account_id], str(kind), value))
            one.orders.add(order_id)
            one.since = min(opened_at, one.since or opened_at)
    return sorted(found.values(), key=lambda one: (-len(one.orders), one.value))


def suggest(rows: Iterable[Unmapped]) -> None:
    """Close matches for these, from what each account has and maps already."""
    mapped: dict[tuple[int, str], list[str]] = defaultdict(list)
    for one in rows:
        key = (one.account.pk, one.kind)
        if key not in mapped:
            mapped[key] = _targets(one.account, one.kind)
        candidates = [*mapped[key], *_alike(one)]
        one.suggestions = map_files.close_matches(one.value, candidates)


def _targets(account: Account, kind: str) -> list[str]:
    document = document_of(account, kind)
    name = "from" if kind == ConfigKind.SHIPPING_METHODS else "to"
    return [str(row.get(name, "")) for row in document["rows"][:MOST_CANDIDATES]]


def _alike(one: Unmapped) -> list[str]:
    """Products of the account that begin or end as the value does."""
    if one.kind != ConfigKind.SKU_ALIASES:
        return []
    head, tail = one.value[:3], one.value[-3:]
    rows = Product.objects.filter(
        Q(sku__istartswith=head) | Q(sku__iendswith=tail), account=one.account
    ).exclude(sku=one.value)
    return list(rows.values_list("sku", flat=True)[:MOST_CANDIDATES])
