"""Which pages the console's bench visits: what people do, and everything else there is.

The second part is derived from the admin's registry, the pages that registered
themselves and the API's router: a list that somebody adds is measured without being
named here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import reverse

from connectors.api.urls import router
from connectors.casework import Cause
from connectors.console import pages
from tests.bench.console_rows import BASE

OUR_APPS = ("orders", "connectors", "accounts", "inventory")
# Pages that are no list, search or home: each with why.
NO_LISTS = {
    "failures_csv": "a file: it takes as long as it has rows",
    "retry_preview": "a forecast: it judges 25 orders by the code that sends them",
}
AN_ORDER, A_SKU, WORDS = "B0000077", "SKU-7", "not mapped"


def every_page() -> dict[str, str]:
    """Every list, search and the home page: name to address."""
    found = {**by_what_people_do(), "one cause": _a_cause()}
    known = {address.split("?")[0] for address in found.values()}
    for name, address in (*of_models(), *of_own_pages(), *of_api()):
        if "?" in address or address not in known:
            found.setdefault(name, address)
    return found


def by_what_people_do() -> dict[str, str]:
    orders = reverse("admin:orders_order_changelist")
    exports = reverse("admin:orders_export_changelist")
    log = reverse("admin:connectors_syncattempt_changelist")
    failed = reverse("admin:connectors_failedpayload_changelist")
    jobs = reverse("admin:connectors_syncjob_changelist")
    find = reverse("admin:find")
    many = "%0A".join(f"B{number:07}" for number in range(1, 201))
    return {
        "home": reverse("admin:index"),
        "orders": orders,
        "orders waiting": f"{orders}?state__exact=waiting",
        "orders late": f"{orders}?need=late",
        "orders blocked": f"{orders}?need=blocked",
        "orders of an account": f"{orders}?account=1",
        "orders by number": f"{orders}?q={AN_ORDER}",
        "orders by SKU": f"{orders}?q={A_SKU}",
        "orders by name": f"{orders}?q=Lovelace77",
        "orders page 3": f"{orders}?p=3",
        "orders page 40": f"{orders}?p=40",
        "exports": exports,
        "exports held": f"{exports}?stand=held_long",
        "exports drifting": f"{exports}?stand=drift",
        "sync log": log,
        "sync log far back": f"{log}?before={BASE + 5000}",
        "sync log newer": f"{log}?after={BASE + 5000}",
        "sync log parked": f"{log}?outcome__exact=parked",
        "sync log of a kind": f"{log}?kind=push_order",
        "sync log same order": f"{log}?q={AN_ORDER}",
        "sync log same reason": f"{log}?q=cause-7",
        "sync log by request": f"{log}?q=req-77",
        "sync log by words": f"{log}?q={WORDS}",
        "sync log by words, older": f"{log}?q={WORDS}&before={BASE + 50_000}",
        "failures by cause": reverse("admin:failures"),
        "failures": failed,
        "failures closed": f"{failed}?state=closed",
        "failures of sales": f"{failed}?owner__exact=sales",
        "failures by words": f"{failed}?q={WORDS}",
        "jobs": jobs,
        "jobs of a kind": f"{jobs}?need=all&kind=push_order",
        "find an order": f"{find}?q={AN_ORDER}",
        "find 200 orders": f"{find}?q={many}",
        "find a SKU": f"{find}?q={A_SKU}",
        "find an e-mail": f"{find}?q=ada77@example.test",
        "find a tracking number": f"{find}?q=1Z0000077",
        "find error text": f"{find}?q={WORDS}",
    }


def of_models() -> Iterator[tuple[str, str]]:
    """Every list of the admin, and its searches."""
    for model, page in admin.site._registry.items():
        meta = model._meta
        if meta.app_label not in OUR_APPS:
            continue
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        yield f"list {meta.label}", address
        search: Any = getattr(page, "search", None)
        if search is not None and search.columns:
            yield f"search {meta.label}", f"{address}?q={AN_ORDER}"
            if search.words or search.by_cause:
                yield f"words {meta.label}", f"{address}?q={WORDS}"


def of_own_pages() -> Iterator[tuple[str, str]]:
    """Pages that belong to no model and need nothing to be named."""
    for page in pages.every_page():
        if "<" not in page.route and page.name not in NO_LISTS:
            yield f"page {page.name}", reverse(f"admin:{page.name}")


def of_api() -> Iterator[tuple[str, str]]:
    """The first page of every list that machines read."""
    for _prefix, _view, name in router.registry:
        yield f"API {name.removeprefix('api-')}", reverse(f"{name}-list")
    yield "API status", reverse("api-status")


def _a_cause() -> str:
    return pages.address("cause", Cause.objects.get(fingerprint="cause-7").pk)
