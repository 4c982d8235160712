"""The page of the routing rules: in their order, checked, tried and replayed, then saved.

A draft lives in the page itself until it is saved: trying something out leaves nothing.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import now

from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.console import pages, rule_steps
from connectors.console.map_pages import VIEW, account_or_404, accounts_of
from connectors.console.pages import Page, address, show
from connectors.console.rule_form import RestForm
from connectors.sync import config, grounds, map_actions, routing_tests, what_if
from connectors.sync.actions import ActionRefusedError
from connectors.sync.routing_tests import order_named
from orders.map_files import safe_cell
from orders.routing_lint import lint
from orders.routing_rules import LISTS, MOST_RULES, NUMBERS, Rule, RuleSet

MOST_DAYS = 90
LIST_WORDS = {
    "countries": "country",
    "states": "state",
    "zips": "postal code",
    "brands": "brand",
    "tags": "tag",
    "without_tags": "without tag",
    "product_types": "product type",
    "skus": "SKU",
    "methods": "shipping method",
    "asked": "warehouse asked for",
}


def routing_index(request: HttpRequest) -> HttpResponse:
    """The rules of the only account, or a choice among several."""
    accounts = accounts_of(request)
    if len(accounts) == 1:
        return HttpResponseRedirect(address("routing", accounts[0].pk))
    return show(
        request,
        "admin/console/account_choice.html",
        title="Routing rules",
        choices=[(one, address("routing", one.pk)) for one in accounts],
        empty="Rules belong to a ShipHero account. Connect one under Accounts.",
    )


def routing(request: HttpRequest, account: int) -> HttpResponse:
    owner = account_or_404(request, account)
    now_in_force = map_actions.document_of(owner, ConfigKind.ROUTING)
    context: dict[str, Any] = {"account": owner, "document": now_in_force}
    if request.method == "POST":
        try:
            done = _posted(request, owner, context)
        except (ActionRefusedError, ValueError) as refused:
            messages.warning(request, str(refused))
            done = None
        if done is not None:
            return done
    return show(
        request,
        "admin/console/routing.html",
        title=f"Routing rules: {owner}",
        crumbs={"Maps": address("maps")},
        **_shown(request, owner, context),
    )


def _shown(
    request: HttpRequest, owner: Account, context: dict[str, Any]
) -> dict[str, Any]:
    document = context["document"]
    place = grounds.terrain(owner)
    rules = RuleSet.from_document(document)
    findings = lint(rules, place.sites, place.transits.sites())
    names = {key: site.label for key, site in place.sites.items()}
    in_force = map_actions.document_of(owner, ConfigKind.ROUTING)
    return {
        **context,
        "rules": [
            {
                "rule": rule,
                "when": when_words(rule),
                "then": then_words(rule, names),
                "findings": [one for one in findings if one.rule == position],
            }
            for position, rule in enumerate(rules.rules, start=1)
        ],
        "findings": [one for one in findings if not one.rule],
        "has_errors": any(one.is_error for one in findings),
        "text": context.get("text")
        or json.dumps(document, indent=2, ensure_ascii=False),
        "is_draft": document != in_force,
        "sites": place.sites.values(),
        "rest_form": RestForm(
            rules=document, sites=[(key, names[key]) for key in names]
        ),
        "base": ConfigVersion.objects.filter(
            kind=ConfigKind.ROUTING, account=owner
        ).count(),
        "may_save": permissions.may(request.user, permissions.CHANGE_CONFIG, owner),
    }


def when_words(rule: Rule) -> str:
    parts = [
        f"{LIST_WORDS[name]} {', '.join(sorted(getattr(rule.when, name)))}"
        for name in LISTS
        if getattr(rule.when, name)
    ]
    for name in NUMBERS:
        bound = getattr(rule.when, name)
        if bound is not None:
            least, _, what = name.partition("_")
            words = "at least" if least == "min" else "at most"
            parts.append(f"{words} {bound} {what.replace('_', ' ')}")
    return "; ".join(parts) or "every order"


def then_words(rule: Rule, names: dict[str, str]) -> str:
    places = ", ".join(names.get(key, key) for key in rule.warehouses) or "nothing"
    extra = [
        words
        for is_so, words in (
            (rule.needs_stock, "with all in stock"),
            (rule.needs_date, "in time"),
            (rule.split > 1, f"over up to {rule.split}"),
        )
        if is_so
    ]
    picked = rule.pick.value.replace("_", " ")
    return f"{places} ({', '.join([picked, *extra])}); else {rule.otherwise.value}"


def _posted(
    request: HttpRequest, owner: Account, context: dict[str, Any]
) -> HttpResponse | None:
    document = _document(request.POST.get("text", ""))
    context["text"] = request.POST.get("text", "")
    RuleSet.from_document(document)
    context["document"] = document
    step, _, at = request.POST.get("step", "check").partition(":")
    if step in _MOVES and at.isdigit():
        context["document"] = _MOVES[step](document, int(at))
        context["text"] = ""
        return None
    if step in rule_steps.STEPS:
        place = int(at) if at.isascii() and at.isdigit() else 0
        rule_steps.STEPS[step](request, owner, context, min(place, MOST_RULES))
        return None
    deed = _STEPS.get(step)
    return deed(request, owner, context) if deed else None


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ActionRefusedError(f"This is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise ActionRefusedError("The rules must be an object: { … }.")
    return document


def _swap(document: dict[str, Any], at: int, by: int) -> dict[str, Any]:
    rules = list(document.get("rules", []))
    if 0 <= at < len(rules) and 0 <= at + by < len(rules):
        rules[at], rules[at + by] = rules[at + by], rules[at]
    return {**document, "rules": rules}


def _turn(document: dict[str, Any], at: int) -> dict[str, Any]:
    rules = [dict(rule) for rule in document.get("rules", [])]
    if at < len(rules):
        rules[at]["is_on"] = not rules[at].get("is_on", True)
    return {**document, "rules": rules}


def _drop(document: dict[str, Any], at: int) -> dict[str, Any]:
    rules = [one for n, one in enumerate(document.get("rules", [])) if n != at]
    return {**document, "rules": rules}


_MOVES: dict[str, Callable[[dict[str, Any], int], dict[str, Any]]] = {
    "up": lambda document, at: _swap(document, at, -1),
    "down": lambda document, at: _swap(document, at, 1),
    "turn": _turn,
    "drop": _drop,
}
Deed = Callable[[HttpRequest, Account, dict[str, Any]], HttpResponse | None]


def _try(request: HttpRequest, owner: Account, context: dict[str, Any]) -> None:
    """One order under the rules in force and under the draft; nothing is kept."""
    order = order_named(owner, request.POST.get("order", ""))
    context["order"] = request.POST.get("order", "")
    context["tests"] = routing_tests.test_order(
        order, context["document"], account=owner, now=now()
    )


def _replay(
    request: HttpRequest, owner: Account, context: dict[str, Any]
) -> HttpResponse | None:
    days = _days(request.POST.get("days", ""))
    context["days"] = days
    context["replayed"] = what_if.replay_days(
        owner, context["document"], days=days, now=now()
    )
    return None


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_DAYS):
        raise ActionRefusedError(f"Name a number of days from 1 to {MOST_DAYS}.")
    return int(text)


def _moved_csv(
    request: HttpRequest, owner: Account, context: dict[str, Any]
) -> HttpResponse:
    found = what_if.replay_days(
        owner, context["document"], days=_days(request.POST.get("days", "")), now=now()
    )
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="moved-orders.csv"'
    writer = csv.writer(answer)
    writer.writerow(["order", "before", "after", "why"])
    for row in found.moved:
        cells = (row.number, row.before, row.after, row.why)
        writer.writerow([safe_cell(cell) for cell in cells])
    return answer


def _impact(request: HttpRequest, owner: Account, context: dict[str, Any]) -> None:
    context["impact"] = what_if.impact(
        owner, ConfigKind.ROUTING, context["document"], now=now()
    )


def _save(
    request: HttpRequest, owner: Account, context: dict[str, Any]
) -> HttpResponse:
    permissions.require(request.user, permissions.CHANGE_CONFIG, owner)
    count = ConfigVersion.objects.filter(kind=ConfigKind.ROUTING, account=owner).count()
    if request.POST.get("base") != str(count):
        raise ActionRefusedError("Somebody saved rules meanwhile. Look once more.")
    saved = map_actions.save(
        account=owner,
        kind=ConfigKind.ROUTING,
        document=config.parse(ConfigKind.ROUTING, context["document"]).to_document(),
        user=request.user,
        now=now(),
        note=request.POST.get("note", ""),
    )
    messages.success(request, f"{saved.version} is in force: {saved.impact.words}.")
    return HttpResponseRedirect(address("routing", owner.pk))


_STEPS: dict[str, Deed] = {
    "try": _try,
    "replay": _replay,
    "csv": _moved_csv,
    "impact": _impact,
    "save": _save,
}


def register_pages() -> None:
    pages.register(
        Page(
            "routing_index",
            "routing/",
            routing_index,
            VIEW,
            "Routing rules",
            "Maps & rules",
            order=30,
        ),
        Page("routing", "routing/<int:account>/", routing, VIEW, posts=True),
    )
