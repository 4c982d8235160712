"""The pages of the maps: what stands in them, who uses it, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.timezone import now

from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.console import pages
from connectors.console.pages import Page, address, show
from connectors.sync import lookups, map_actions, what_if
from connectors.sync.actions import ActionRefusedError
from connectors.sync.map_actions import KINDS
from orders import map_files
from orders.maps import Policy, key_of

VIEW = "connectors.view_configversion"
MOST_SHOWN = 200
FACTS = "Facts for rules; what is not listed has none"
MEANINGS: dict[str, str] = {
    ConfigKind.SKU_ALIASES: "From a line's SKU in Salesforce to the SKU in ShipHero.",
    ConfigKind.TAGS: "From an order's tag in Salesforce to the tag in ShipHero.",
    ConfigKind.PRODUCT_TYPES: "The type of a SKU, for routing rules.",
    ConfigKind.WEIGHTS: "The weight of one piece of a SKU, for shipping methods.",
    ConfigKind.SHIPPING_METHODS: (
        "From an order's shipping method in Salesforce to ShipHero's carrier and method."
    ),
}


@dataclass(frozen=True, slots=True)
class ShownRow:
    cells: list[str]
    uses: int | None


def accounts_of(request: HttpRequest) -> list[Account]:
    return list(permissions.whole_accounts_for(request.user).order_by("name"))


def account_or_404(request: HttpRequest, pk: int) -> Account:
    return get_object_or_404(permissions.whole_accounts_for(request.user), pk=pk)


def maps(request: HttpRequest) -> HttpResponse:
    """Every map of every account, with its number of rows."""
    accounts = accounts_of(request)
    with lookups.read_for(accounts=accounts):
        listed = [
            {
                "account": account,
                "maps": [_summary(account, kind) for kind in KINDS],
            }
            for account in accounts
        ]
    return show(request, "admin/console/maps.html", title="Maps", listed=listed)


def _summary(account: Account, kind: str) -> dict[str, Any]:
    document = map_actions.document_of(account, kind)
    return {
        "title": KINDS[kind].title,
        "rows": len(document["rows"]),
        "policy": FACTS
        if KINDS[kind].tells_facts
        else _policy_words(document["policy"]),
        "address": address("map", account.pk, kind),
    }


_POLICIES = {
    Policy.BLOCK: "What is not listed blocks",
    Policy.DEFAULT: "What is not listed becomes the default",
    Policy.PASS_THROUGH: "What is not listed passes as it is",
}


def _policy_words(policy: str) -> str:
    return _POLICIES[Policy(policy)]


def one_map(request: HttpRequest, account: int, kind: str) -> HttpResponse:
    """One map: rows with their uses, pasted or uploaded news, and what saving does."""
    if kind not in KINDS:
        raise Http404("There is no such map.")
    owner = account_or_404(request, account)
    if request.method == "POST" and request.POST.get("step") == "csv":
        return _csv(owner, kind)
    context = _context(request, owner, kind)
    if request.method == "POST":
        try:
            done = _posted(request, owner, kind, context)
        except (ActionRefusedError, ValueError) as refused:
            messages.warning(request, str(refused))
            done = None
        if done is not None:
            return done
    crumbs = {"Maps": address("maps")}
    title = f"{KINDS[kind].title}: {owner}"
    return show(
        request, "admin/console/map.html", title=title, crumbs=crumbs, **context
    )


def _context(request: HttpRequest, owner: Account, kind: str) -> dict[str, Any]:
    document = map_actions.document_of(owner, kind)
    wanted = request.GET.get("q", "").strip().casefold()
    rows = [
        row
        for row in document["rows"]
        if not wanted or wanted in " ".join(map(str, row.values())).casefold()
    ]
    uses = map_actions.usage(owner, kind, now=now())
    columns = map_actions.columns_of(kind)
    shown = [
        ShownRow(
            [_cell(row.get(name, "")) for name in columns],
            uses.get(key_of(row["from"]), 0) if uses else None,
        )
        for row in rows[:MOST_SHOWN]
    ]
    versions = ConfigVersion.objects.filter(kind=kind, account=owner)
    return {
        "account": owner,
        "kind": kind,
        "rules": KINDS[kind],
        "meaning": MEANINGS[kind],
        "document": document,
        "policies": [(one.value, words) for one, words in _POLICIES.items()],
        "columns": columns,
        "rows": shown,
        "found": len(rows),
        "q": request.GET.get("q", ""),
        "base": versions.count(),
        "may_save": permissions.may(request.user, permissions.CHANGE_CONFIG, owner),
        "is_method": kind == ConfigKind.SHIPPING_METHODS,
        "text": "",
    }


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _csv(owner: Account, kind: str) -> HttpResponse:
    document = map_actions.document_of(owner, kind)
    text = map_files.written(document["rows"], map_actions.columns_of(kind))
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}-{owner.pk}.csv"'
    return answer


def _posted(
    request: HttpRequest, owner: Account, kind: str, context: dict[str, Any]
) -> HttpResponse | None:
    """Preview what was pasted or uploaded, or save what was previewed."""
    permissions.require(request.user, permissions.CHANGE_CONFIG, owner)
    file = request.FILES.get("file")
    text = request.POST.get("text", "")
    if file:
        text = map_files.decoded(file.read(map_files.MOST_BYTES + 1))
    document, read, merge = _drafted(request, kind, context["document"], text)
    context |= {"text": text, "replaces": bool(request.POST.get("replaces"))}
    context["preview"] = {
        "faults": read.faults[:200],
        "merge": merge,
        "strangers": map_actions.not_in_catalogue(owner, kind, read.rows)[:200],
    }
    if request.POST.get("step") != "save":
        impact = what_if.impact(owner, kind, document, now=now())
        context["preview"]["impact"] = impact
        context["draft"] = document
        return None
    if request.POST.get("base") != str(context["base"]):
        raise ActionRefusedError("Somebody saved this map meanwhile. Look once more.")
    saved = map_actions.save(
        account=owner,
        kind=kind,
        document=document,
        user=request.user,
        now=now(),
        note=request.POST.get("note", ""),
    )
    messages.success(request, f"{saved.version} is in force: {saved.impact.words}.")
    if saved.retry is not None:
        messages.info(request, "They go out the first one first; Failures shows it.")
    return HttpResponseRedirect(address("map", owner.pk, kind))


def _drafted(
    request: HttpRequest, kind: str, before: dict[str, Any], text: str
) -> tuple[dict[str, Any], map_files.Read, map_files.Merge]:
    read = map_actions.read_text(kind, text)
    replaces = bool(request.POST.get("replaces"))
    document, merge = map_actions.drafted(before, read, replaces=replaces)
    gone = {key_of(one) for one in request.POST.getlist("remove")}
    if gone:
        document["rows"] = [
            r for r in document["rows"] if key_of(r["from"]) not in gone
        ]
    if request.POST.get("policy"):
        document["policy"] = request.POST["policy"]
    if "default" in request.POST and kind != ConfigKind.SHIPPING_METHODS:
        document["default"] = request.POST["default"].strip()
    return document, read, merge


def unmapped(request: HttpRequest) -> HttpResponse:
    """What open failures ask of the maps, with close matches to choose from."""
    found = map_actions.unmapped(accounts_of(request))
    shown = found[:MOST_SHOWN]
    map_actions.suggest(shown[:50])
    rows = [
        {
            "one": one,
            "address": address("map", one.account.pk, one.kind),
            "is_method": one.kind == ConfigKind.SHIPPING_METHODS,
            "choices": [(name, _as_text(one.value, name)) for name in one.suggestions],
            "example": _as_text(one.value, ""),
        }
        for one in shown
    ]
    return show(
        request,
        "admin/console/unmapped.html",
        title="Unmapped",
        rows=rows,
        count=len(found),
        may_save=permissions.may(request.user, permissions.CHANGE_CONFIG),
    )


def _as_text(value: str, target: str) -> str:
    row = {"from": value, "to": target}
    return map_files.written([row], ("from", "to")).split("\n", 1)[1]


def register_pages() -> None:
    pages.register(
        Page("maps", "maps/", maps, VIEW, "Maps", "Maps & rules", order=10),
        Page(
            "unmapped",
            "unmapped/",
            unmapped,
            VIEW,
            "Unmapped",
            "Maps & rules",
            order=20,
        ),
        Page("map", "maps/<int:account>/<slug:kind>/", one_map, VIEW, posts=True),
    )
