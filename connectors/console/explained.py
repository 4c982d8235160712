"""Pages that explain: the error catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from connectors import catalogue
from connectors.catalogue_checks import Entry
from connectors.console.base import list_address
from connectors.console.case_filter import failures_of
from connectors.console.pages import Page, register, show
from connectors.errors import Category
from connectors.models import FailedPayload

TITLES = {
    Category.ADDRESS: "Addresses and people",
    Category.SKU: "SKUs, quantities and prices",
    Category.METHOD: "Shipping methods",
    Category.ROUTING: "Routing",
    Category.STOCK: "Stock",
    Category.REMOTE: "What the other system answered",
    Category.TRANSPORT: "On the way",
    Category.SETUP: "Set-up",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """One entry with the failures that are open for its code now."""

    entry: Entry
    count: int
    address: str


def errors(request: HttpRequest) -> HttpResponse:
    """The error catalogue: every code with its cause, its fix and its open failures."""
    open_now = dict(
        failures_of(request.user)
        .filter(closed_at=None)
        .order_by()
        .values_list("code")
        .annotate(rows=Count("id"))
    )
    groups: dict[str, list[Explained]] = {title: [] for title in TITLES.values()}
    for entry in sorted(catalogue.ENTRIES, key=lambda entry: entry.code):
        address = list_address(FailedPayload, q=entry.code)
        explained = Explained(entry, open_now.get(entry.code, 0), address)
        groups[TITLES[entry.category]].append(explained)
    return show(
        request,
        "admin/console/errors.html",
        title="Error catalogue",
        groups={title: rows for title, rows in groups.items() if rows},
    )


def register_pages() -> None:
    register(
        Page(
            "errors",
            "errors/",
            errors,
            "connectors.view_failedpayload",
            "Error catalogue",
            "Failures",
            90,
        )
    )
