"""The way around: the pages of the console by what people come for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from connectors.console import pages


@dataclass(frozen=True, slots=True)
class Entry:
    words: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Group:
    words: str
    entries: list[Entry]
    stands_open: bool

    @property
    def is_open(self) -> bool:
        return self.stands_open or self.is_current

    @property
    def is_current(self) -> bool:
        return any(entry.is_current for entry in self.entries)


_GROUPS: dict[str, tuple[tuple[str, str], ...]] = {
    "Orders": (
        ("Orders", "orders.Order"),
        ("Exports", "orders.Export"),
        ("Exceptions", "orders.OrderException"),
        ("Proposals", "orders.Proposal"),
        ("Shipments", "orders.Shipment"),
        ("Returns", "orders.Return"),
    ),
    "Failures": (("Failure list", "connectors.FailedPayload"),),
    "Stock": (
        ("Products", "inventory.Product"),
        ("By warehouse", "inventory.StockLevel"),
        ("Discrepancies", "inventory.StockDiscrepancy"),
        ("Ledger", "inventory.StockMovement"),
        ("Snapshots", "inventory.StockSnapshot"),
        ("Warehouses", "inventory.Warehouse"),
        ("Units", "inventory.UnitFactor"),
        ("Availability", "inventory.Availability"),
        ("Large writes", "inventory.AvailabilityRun"),
        ("Salesforce products", "inventory.SourceProduct"),
    ),
    "Maps & rules": (
        ("All versions", "connectors.ConfigVersion"),
        ("Settings", "accounts.ScopedSetting"),
    ),
    "Log": (
        ("Sync log", "connectors.SyncAttempt"),
        ("Webhooks", "connectors.WebhookDelivery"),
        ("Requests from Salesforce", "connectors.SalesforceRequest"),
        ("Exceptions told to Salesforce", "connectors.ExceptionRow"),
        ("Messages from Salesforce", "connectors.SalesforceMessage"),
        ("Jobs", "connectors.SyncJob"),
        ("Audit", "accounts.Audit"),
    ),
    "Set-up": (
        ("Accounts", "accounts.Account"),
        ("Logins", "accounts.Credential"),
        ("Organizations", "accounts.Organization"),
        ("Brands", "accounts.Brand"),
        ("Who sees what", "accounts.AccountAccess"),
        ("Workers", "connectors.Heartbeat"),
        ("Read positions", "connectors.SyncCursor"),
        ("Webhook set-up", "connectors.WebhookRegistration"),
        ("Listeners", "connectors.SalesforceListener"),
    ),
}
# Groups that stand open; the others open where one of their pages is shown.
_OPEN = ("Orders", "Failures", "Stock", "Maps & rules", "Log")


# What people call rows whose model has a machine's name: one of them, several.
_WORDS = {
    "accounts.AccountAccess": ("access", "accesses"),
    "accounts.Credential": ("login", "logins"),
    "accounts.ScopedSetting": ("value of a setting", "values of settings"),
    "connectors.ConfigVersion": ("version", "versions"),
    "connectors.FailedPayload": ("failure", "failures"),
    "connectors.Heartbeat": ("worker", "workers"),
    "connectors.SyncAttempt": ("try", "tries"),
    "connectors.SyncCursor": ("read position", "read positions"),
    "connectors.SyncJob": ("job", "jobs"),
    "connectors.WebhookDelivery": ("webhook", "webhooks"),
    "connectors.WebhookRegistration": ("webhook", "webhooks"),
    "inventory.SourceProduct": ("Salesforce product", "Salesforce products"),
    "inventory.StockMovement": ("movement", "movements"),
}


def words_for(opts: Any) -> tuple[str, str]:
    """What people call one row of a model, and several."""
    own = str(opts.verbose_name), str(opts.verbose_name_plural)
    return _WORDS.get(opts.label, own)


def title_of(model: type[Model]) -> str:
    """What the navigation calls the list of a model."""
    for entries in _GROUPS.values():
        for words, label in entries:
            if label == model._meta.label:
                return words
    return str(model._meta.verbose_name_plural).capitalize()


def for_request(request: HttpRequest, site: AdminSite) -> list[Group]:
    """The groups with the pages this user may open; pages nobody placed come last."""
    placed = {label for entries in _GROUPS.values() for _, label in entries}
    groups = [
        Group(
            words,
            [*_pages(words, request), *_entries(entries, request, site)],
            words in _OPEN,
        )
        for words, entries in _GROUPS.items()
    ]
    others = [
        (title_of(model), model._meta.label)
        for model in site._registry
        if model._meta.label not in placed
    ]
    groups.append(Group("People", _entries(tuple(others), request, site), False))
    return [group for group in groups if group.entries]


def _pages(group: str, request: HttpRequest) -> list[Entry]:
    found = []
    for page in pages.every_page():
        if page.group == group and request.user.has_perm(page.permission):
            address = reverse(f"admin:{page.name}")
            found.append(Entry(page.title, address, request.path == address))
    return found


def _entries(
    wanted: tuple[tuple[str, str], ...], request: HttpRequest, site: AdminSite
) -> list[Entry]:
    found = []
    for words, label in wanted:
        model: Any = apps.get_model(label)
        page = site._registry.get(model)
        if page is None or not page.has_view_or_change_permission(request):
            continue
        meta = model._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        found.append(Entry(words, address, request.path.startswith(address)))
    return found
