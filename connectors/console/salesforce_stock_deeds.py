"""What people do about availability on its way to Salesforce: buttons and panels."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.console import offers, panels
from connectors.console.base import list_address
from connectors.console.chips import Tone
from connectors.console.counting import moment
from connectors.console.offers import Call, Offer
from connectors.console.panels import Line, Panel, View
from connectors.console.salesforce_stock import of_organization
from connectors.console.scoping import shared_or_by_brand
from connectors.sync import availability_actions as actions
from inventory import source_products
from inventory.models import (
    Availability,
    AvailabilityRun,
    RunState,
    SkuTrouble,
    SourceProduct,
    Standing,
)

TROUBLED = (Standing.REFUSED, Standing.AMBIGUOUS, Standing.INACTIVE)

# -- buttons ------------------------------------------------------------------------------


def _approve(call: Call) -> str:
    actions.approve(large=call.subject, user=call.user, now=call.now)
    return "It is written now; this page shows how far it is."


def _decline(call: Call) -> str:
    actions.decline(large=call.subject, user=call.user, now=call.now)
    return "Declined. These numbers are left out until they move again."


def _stop(call: Call) -> str:
    actions.stop(large=call.subject, user=call.user, now=call.now)
    return "The job is given up. What it has written stands."


def _again(call: Call) -> str:
    actions.try_again(row=call.subject, user=call.user, now=call.now)
    return "It is written again now."


def _all_again(call: Call) -> str:
    count = actions.try_refused_again(
        account=call.subject, user=call.user, now=call.now
    )
    return f"{count} numbers are written again now."


def _decided(large: AvailabilityRun) -> str:
    waits = large.state == RunState.PROPOSED
    return "" if waits else "This large write waits for nobody."


def _still(large: AvailabilityRun) -> str:
    runs = large.state == RunState.RUNNING
    return "" if runs else "This large write is not under way."


def _none_refused(account: Account) -> str:
    refused = Availability.objects.filter(account=account, standing=Standing.REFUSED)
    return "" if refused.exists() else "Salesforce has refused nothing."


OFFERS = (
    Offer(
        "approve",
        AvailabilityRun,
        "Write to Salesforce",
        permissions.PAUSE,
        _approve,
        _decided,
        help="Say yes to the price shown and begin.",
        is_main=True,
    ),
    Offer(
        "decline",
        AvailabilityRun,
        "Decline",
        permissions.PAUSE,
        _decline,
        _decided,
        help="Leave these numbers out until they move again.",
    ),
    Offer(
        "stop",
        AvailabilityRun,
        "Stop",
        permissions.PAUSE,
        _stop,
        _still,
        help="Give the Bulk job up. What it has written stands.",
    ),
    Offer(
        "try-again",
        Availability,
        "Write again",
        permissions.RETRY,
        _again,
        help="Write this number to Salesforce once more, now.",
        is_main=True,
    ),
    Offer(
        "refused-again",
        Account,
        "Write refused stock again",
        permissions.RETRY,
        _all_again,
        _none_refused,
        help="Write to Salesforce once more what it refused of availability.",
    ),
)


# -- panels -------------------------------------------------------------------------------


def troubled_products(view: View) -> dict[str, QuerySet[Any]]:
    rows = SourceProduct.objects.all()
    if not view.scope.everything:
        rows = rows.filter(of_organization(view.scope))
    return {
        f"product:{trouble.value}": source_products.in_trouble(rows, trouble)
        for trouble in SkuTrouble
    }


def product_troubles(view: View) -> list[Line]:
    counts = {
        trouble: view.counts[f"product:{trouble.value}"] for trouble in SkuTrouble
    }
    return [
        Line(
            trouble.label,
            list_address(SourceProduct, trouble=trouble.value),
            count,
            "corrected in Salesforce",
            Tone.BAD,
        )
        for trouble, count in counts.items()
        if count
    ]


def troubled_stock(view: View) -> dict[str, QuerySet[Any]]:
    rows = Availability.objects.all()
    if not view.scope.everything:
        rows = rows.filter(shared_or_by_brand(view.scope))
    return {
        f"stock:{standing.value}": rows.filter(standing=standing)
        for standing in TROUBLED
    }


def large_writes(view: View) -> dict[str, QuerySet[Any]]:
    runs = AvailabilityRun.objects.filter(state=RunState.PROPOSED)
    if not view.scope.everything:
        runs = runs.filter(account__in=view.scope.accounts)
    return {
        "large writes": runs.values("account__name", "rows", "calls", "created_at")[:5]
    }


def stock_troubles(view: View) -> list[Line]:
    """Large writes that wait for a person, and what Salesforce does not take."""
    lines = [
        Line(
            f"{large['account__name']}: a large write waits for your yes",
            list_address(AvailabilityRun, state__exact=RunState.PROPOSED.value),
            large["rows"],
            f"about {large['calls']} API calls",
            Tone.BAD,
            moment=moment(large["created_at"]),
        )
        for large in view.rows["large writes"]
    ]
    for standing in TROUBLED:
        count = view.counts[f"stock:{standing.value}"]
        if count:
            address = list_address(Availability, standing__exact=standing.value)
            lines.append(Line(standing.label, address, count, "", Tone.BAD))
    return lines


def register_all() -> None:
    """Buttons and panels; the pages are registered with the others."""
    offers.register(*OFFERS)
    panels.register(
        Panel(
            "product_troubles",
            "Products whose SKU cannot be relied on",
            product_troubles,
            lambda: list_address(SourceProduct),
            "inventory.view_sourceproduct",
            150,
            counted=troubled_products,
            empty="Every active product in Salesforce has a SKU of its own.",
            is_empty_good=True,
        )
    )
    panels.register(
        Panel(
            "stock_troubles",
            "Availability that Salesforce does not show",
            stock_troubles,
            lambda: list_address(Availability),
            "inventory.view_availability",
            160,
            counted=troubled_stock,
            listed=large_writes,
            empty="Salesforce shows what may be promised.",
            is_empty_good=True,
        )
    )
