"""What stops an order of an account and what is only told: chosen, weighed, then saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import now

from connectors import catalogue
from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.catalogue_checks import Entry
from connectors.config_diff import differences
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.console.base import list_address
from connectors.console.case_filter import failures_of
from connectors.console.checks_form import ChecksForm
from connectors.console.map_pages import VIEW, account_or_404, accounts_of
from connectors.console.pages import Page, address, register, show
from connectors.models import FailedPayload
from connectors.sync import config, map_actions, what_if
from connectors.sync.actions import ActionRefusedError
from orders.checks import CHOICES

PAGE = "checks"


@dataclass(frozen=True, slots=True)
class Row:
    """One code with the choice about it, and what it stops now."""

    entry: Entry
    choice: BoundField
    default: str
    failures: int
    orders: int
    address: str


def choose(request: HttpRequest) -> HttpResponse:
    """The checks of the only account, or a choice among several."""
    accounts = accounts_of(request)
    if len(accounts) == 1:
        return HttpResponseRedirect(address(PAGE, accounts[0].pk))
    return show(
        request,
        "admin/console/account_choice.html",
        title="Checks",
        choices=[(one, address(PAGE, one.pk)) for one in accounts],
        empty="Checks belong to a ShipHero account. Connect one under Accounts.",
    )


def edit(request: HttpRequest, account: int) -> HttpResponse:
    owner = account_or_404(request, account)
    sent = request.POST if request.method == "POST" else None
    form = ChecksForm(sent, checks=config.checks(owner))
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            done = _posted(request, owner, form, context)
        except ActionRefusedError as refused:
            messages.warning(request, f"Nothing was saved. {refused}")
            done = None
        if done is not None:
            return done
    newest = config.newest(ConfigKind.CHECKS, account=owner)
    return show(
        request,
        "admin/console/checks.html",
        title=f"Checks: {owner}",
        crumbs={"Checks": address("checks_index")},
        form=form,
        rows=_rows(request, owner, form),
        note=request.POST.get("note", ""),
        newest=newest,
        base=newest.number if newest else 0,
        history=address("config_history", "account", owner.pk, str(ConfigKind.CHECKS)),
        as_json=_json_address(owner, newest),
        may_save=permissions.may(request.user, permissions.CHANGE_CONFIG, owner),
        **context,
    )


def _posted(
    request: HttpRequest, owner: Account, form: ChecksForm, context: dict[str, Any]
) -> HttpResponse | None:
    """Show what the choices would change, or put them into force."""
    draft, before = form.checks(), config.checks(owner)
    context["changes"] = differences(form.in_words(before), form.in_words(draft))
    document = draft.to_document()
    if request.POST.get("do") == "save":
        return _saved(request, owner, document)
    context["impact"] = what_if.impact(owner, ConfigKind.CHECKS, document, now=now())
    return None


def _saved(
    request: HttpRequest, owner: Account, document: dict[str, Any]
) -> HttpResponse:
    permissions.require(request.user, permissions.CHANGE_CONFIG, owner)
    newest = config.newest(ConfigKind.CHECKS, account=owner)
    if request.POST.get("base") != str(newest.number if newest else 0):
        raise ActionRefusedError("Somebody saved checks meanwhile. Look once more.")
    if document == config.checks(owner).to_document():
        raise ActionRefusedError("This is what is in force already.")
    saved = map_actions.save(
        account=owner,
        kind=ConfigKind.CHECKS,
        document=document,
        user=request.user,
        now=now(),
        note=request.POST.get("note", ""),
    )
    messages.success(request, f"{saved.version} is in force: {saved.impact.words}.")
    if saved.retry is not None:
        messages.info(request, "They go out the first one first; Failures shows it.")
    return HttpResponseRedirect(address(PAGE, owner.pk))


def _rows(request: HttpRequest, owner: Account, form: ChecksForm) -> list[Row]:
    open_now = {
        code: (failures, orders)
        for code, failures, orders in failures_of(request.user)
        .filter(account=owner, closed_at=None, code__in=CHOICES)
        .order_by()
        .values_list("code")
        .annotate(failures=Count("id"), orders=Count("order", distinct=True))
    }
    return [
        Row(
            catalogue.entry(code),
            form[code],
            default.value,
            *open_now.get(code, (0, 0)),
            list_address(FailedPayload, q=code, account=owner.pk),
        )
        for code, default in CHOICES.items()
    ]


def _json_address(owner: Account, newest: ConfigVersion | None) -> str:
    name = "connectors_configversion_add"
    if newest is not None:
        return address(name, **{"from": newest.pk})
    return address(name, kind=str(ConfigKind.CHECKS), account=owner.pk)


def register_pages() -> None:
    register(
        Page(
            "checks_index",
            "checks/",
            choose,
            VIEW,
            "Checks",
            "Maps & rules",
            order=40,
        ),
        Page(PAGE, "checks/<int:account>/", edit, VIEW, "Checks", posts=True),
    )
