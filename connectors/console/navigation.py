"""The way around: the pages of the console by what people come for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Entry:
    words: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Group:
    words: str
    entries: list[Entry]

    @property
    def is_current(self) -> bool:
        return any(entry.is_current for entry in self.entries)


_GROUPS: dict[str, tuple[tuple[str, str], ...]] = {
    "Work": (
        ("Orders", "orders.Order"),
        ("Failures", "connectors.FailedPayload"),
        ("Exports", "orders.Export"),
        ("Shipments", "orders.Shipment"),
    ),
    "Log": (
        ("Sync log", "connectors.SyncAttempt"),
        ("Webhooks", "connectors.WebhookDelivery"),
        ("Jobs", "connectors.SyncJob"),
        ("Audit", "accounts.Audit"),
    ),
    "Set-up": (
        ("Accounts", "accounts.Account"),
        ("Logins", "accounts.Credential"),
        ("Organizations", "accounts.Organization"),
        ("Brands", "accounts.Brand"),
        ("Maps and rules", "connectors.ConfigVersion"),
        ("Settings", "accounts.ScopedSetting"),
        ("Who sees what", "accounts.AccountAccess"),
    ),
    "Machinery": (
        ("Workers", "connectors.Heartbeat"),
        ("Read positions", "connectors.SyncCursor"),
        ("Webhook set-up", "connectors.WebhookRegistration"),
    ),
}
_PAGES = (("Schedules", "admin:schedules"), ("Error catalogue", "admin:errors"))


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
        Group(words, _entries(entries, request, site))
        for words, entries in _GROUPS.items()
    ]
    for words, name in _PAGES:
        address = reverse(name)
        groups[-1].entries.append(Entry(words, address, request.path == address))
    others = [
        (title_of(model), model._meta.label)
        for model in site._registry
        if model._meta.label not in placed
    ]
    groups.append(Group("People", _entries(tuple(others), request, site)))
    return [group for group in groups if group.entries]


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
