"""One search for everything people have in hand, and for 200 numbers at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, Model, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from connectors.accounts import permissions
from connectors.console import searching
from connectors.console.base import ConsoleAdmin, list_address, page_address
from connectors.console.pages import Page, address, register, show
from connectors.console.searching import MOST, MOST_CAUSES, is_number
from connectors.models import FailedPayload, SyncAttempt, WebhookDelivery
from connectors.sync import whereabouts
from connectors.sync.actions import ActionRefusedError
from connectors.sync.whereabouts import Sighting
from orders.models import Export, Order, Shipment

MOST_NUMBERS = 200
ASK_AT_ONCE = 10
SHOWN = 8
SEPARATORS = re.compile(r"[\s,;|]+")
LOOKS_LIKE_ORDER = re.compile(r"^#?[A-Za-z]{0,6}[-_]?\d[\w-]{2,30}$")

PLACES: tuple[tuple[type[Model], str], ...] = (
    (Order, "Orders"),
    (Export, "Exports"),
    (Shipment, "Shipments"),
    (FailedPayload, "Failures"),
    (SyncAttempt, "Sync log"),
    (WebhookDelivery, "Webhooks"),
)


@dataclass(frozen=True, slots=True)
class Hits:
    """What one kind of record has for the term; `address` lists all of it."""

    words: str
    rows: list[Any]
    count: str
    address: str


@dataclass(frozen=True, slots=True)
class Number:
    """One of many numbers: our order, or what Salesforce says of it."""

    text: str
    orders: list[Order] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)


def find(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and "organization" in request.POST:
        return _read_now(request)
    term = (request.POST if request.method == "POST" else request.GET).get("q", "")
    numbers = numbers_in(term)
    if len(numbers) > 1:
        return _many(request, numbers)
    return _one(request, searching.clean(term))


def numbers_in(text: str) -> list[str]:
    """The order numbers of a pasted list, without doubles; [] when it is no list.

    A name of two words is no list: every part of one holds a digit.
    """
    parts = [part for part in SEPARATORS.split(text.replace("\x00", "")) if part]
    if len(parts) < 2 or not all(LOOKS_LIKE_ORDER.match(part) for part in parts):
        return []
    return list(dict.fromkeys(part.lstrip("#") for part in parts))


def _one(request: HttpRequest, term: str) -> HttpResponse:
    if not term:
        return show(request, "admin/console/find.html", title="Find", term="")
    causes = _causes(request, term)
    hits = _hits(request, term, [cause.fingerprint for cause in causes])
    only = _only_order(hits)
    if only is not None:
        return HttpResponseRedirect(page_address(only))
    has_order = any(found.words == "Orders" for found in hits)
    return show(
        request,
        "admin/console/find.html",
        title="Find",
        term=term,
        hits=hits,
        causes=[cause for cause in causes if cause.is_seen][:SHOWN],
        sightings=[] if has_order else _ask(request, term),
        may_read=permissions.may(request.user, permissions.SYNC_NOW),
    )


def _hits(request: HttpRequest, term: str, causes: list[str]) -> list[Hits]:
    """What each kind of record has; the keys of all are read in one statement."""
    pages = dict(_places(request))
    queries = {
        words: list(page.search.queries(page.get_queryset(request), term, causes))
        for words, page in pages.items()
    }
    found = searching.keys_by_name(queries)
    hits = (
        _shown(request, words, pages[words], keys, term)
        for words, keys in found.items()
        if keys
    )
    return [one for one in hits if one is not None]


def _places(request: HttpRequest) -> Iterator[tuple[str, ConsoleAdmin]]:
    for model, words in PLACES:
        page = admin.site._registry.get(model)
        if isinstance(page, ConsoleAdmin) and page.has_view_permission(request):
            yield words, page


def _shown(
    request: HttpRequest, words: str, page: ConsoleAdmin, keys: list[Any], term: str
) -> Hits | None:
    matches = page.get_queryset(request).filter(pk__in=keys)
    rows = list(matches.select_related(*_beside(page)).order_by("-pk")[: SHOWN + 1])
    if not rows:
        return None
    more = f"{MOST:,} or more" if len(keys) >= MOST else f"{len(keys):,}"
    count = more if len(rows) > SHOWN else str(len(rows))
    return Hits(words, rows[:SHOWN], count, list_address(page.model, q=term))


def _beside(page: ConsoleAdmin) -> tuple[str, ...]:
    beside = page.list_select_related
    return tuple(beside) if isinstance(beside, tuple | list) else ()


def _only_order(hits: list[Hits]) -> Order | None:
    """The order, if the term names one order and its own records only."""
    orders = [found for found in hits if found.words == "Orders"]
    if len(orders) != 1 or len(orders[0].rows) != 1:
        return None
    order: Order = orders[0].rows[0]
    others = [row for found in hits if found.words != "Orders" for row in found.rows]
    return order if all(_order_of(row) in {None, order.pk} for row in others) else None


def _order_of(row: Any) -> Any:
    if isinstance(row, Shipment):
        return row.export.order_id
    return getattr(row, "order_id", None)


def _causes(request: HttpRequest, term: str) -> list[Any]:
    """Causes with these words; `is_seen` are those with a failure the user may see."""
    page = admin.site._registry.get(FailedPayload)
    if page is None or not page.has_view_permission(request):
        return []
    mine = page.get_queryset(request).filter(fingerprint=OuterRef("fingerprint"))
    found = searching.causes_with(term).annotate(is_seen=Exists(mine.order_by()))
    return list(found[:MOST_CAUSES])


def _ask(request: HttpRequest, term: str) -> list[Sighting]:
    """What Salesforce says of an order that is not here; nothing for other terms."""
    if not LOOKS_LIKE_ORDER.match(term) or not request.user.has_perm(
        "orders.view_order"
    ):
        return []
    try:
        return whereabouts.look_for(term, user=request.user, clock=timezone.now)
    except ActionRefusedError:
        return []


def _many(request: HttpRequest, numbers: list[str]) -> HttpResponse:
    left_out = numbers[MOST_NUMBERS:]
    numbers = numbers[:MOST_NUMBERS]
    known = _orders_by_number(request, numbers)
    missing = [text for text in numbers if text not in known]
    start = _start(request)
    asked = {text: _ask(request, text) for text in missing[start : start + ASK_AT_ONCE]}
    rest = missing[start + ASK_AT_ONCE :]
    return show(
        request,
        "admin/console/find_many.html",
        title=f"{len(numbers)} numbers",
        crumbs={"Find": address("find")},
        term=" ".join(numbers),
        numbers=[
            Number(text, known.get(text, []), asked.get(text, [])) for text in numbers
        ],
        here=len(numbers) - len(missing),
        missing=len(missing),
        left_out=len(left_out),
        next_start=start + ASK_AT_ONCE if rest else 0,
        unasked=len(rest),
        ask_at_once=ASK_AT_ONCE,
        may_read=permissions.may(request.user, permissions.SYNC_NOW),
    )


def _start(request: HttpRequest) -> int:
    given = request.POST.get("start", "") or request.GET.get("start", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 0


def _orders_by_number(
    request: HttpRequest, numbers: list[str]
) -> dict[str, list[Order]]:
    """Our orders by the number that names them: their own or the customer's."""
    page = admin.site._registry[Order]
    rows = page.get_queryset(request).select_related("account")
    spelled = {spelling: text for text in numbers for spelling in _spellings(text)}
    found: dict[str, list[Order]] = {}
    for column in ("order_number", "po_number", "salesforce_id"):
        # Said once more: the index leaves out what is empty, and PostgreSQL does not
        # see in a list of more than a hundred that nothing in it is.
        full = rows.exclude(**{column: ""})
        for order in full.filter(**{f"{column}__in": list(spelled)})[:1000]:
            at = found.setdefault(spelled[getattr(order, column)], [])
            if order not in at:
                at.append(order)
    return found


def _spellings(text: str) -> set[str]:
    padded = {text.zfill(8)} if text.isdigit() else set()
    return {text, text.upper(), *padded}


def _read_now(request: HttpRequest) -> HttpResponse:
    """Read one order of Salesforce at once."""
    key = request.POST["organization"]
    rows = whereabouts.organizations_for(request.user)
    organization = rows.filter(pk=key).first() if is_number(key) else None
    back = address("find", q=request.POST.get("term", ""))
    if organization is None:
        messages.warning(request, "There is no such organization.")
        return HttpResponseRedirect(back)
    try:
        whereabouts.read_order(
            organization=organization,
            salesforce_id=request.POST.get("salesforce_id", ""),
            user=request.user,
            now=timezone.now(),
        )
    except ActionRefusedError as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, "It is read now. Look again in a few seconds.")
    return HttpResponseRedirect(back)


def register_pages() -> None:
    register(Page("find", "find/", find, "orders.view_order", "Find", posts=True))
