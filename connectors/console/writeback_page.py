"""The names of what is written to Salesforce: tried, with an order's values, then saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from connectors.accounts import permissions
from connectors.accounts.models import Organization
from connectors.config_versions import ConfigKind
from connectors.console.pages import Page, address, register, show
from connectors.sync import config, lookups, whereabouts, writeback_trial
from connectors.sync.actions import ActionRefusedError
from connectors.sync.writeback_trial import DEFAULTS, NameLook, group_of

PAGE = "writeback_fields"
TITLES = {
    "order": "On the order",
    "package": "One row for each package",
    "shipment": "One row for each shipment",
    "item": "One row for each shipped line",
    "exception": "One row for each exception",
    "level": "One row for each SKU and warehouse",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One name in the form, with what was found out about it."""

    name: str
    label: str
    value: str
    default: str
    errors: tuple[str, ...] = ()
    look: NameLook | None = None


def choose(request: HttpRequest) -> HttpResponse:
    """The organizations; straight on where there is only one."""
    rows = list(whereabouts.organizations_for(request.user).order_by("name"))
    if len(rows) == 1:
        return HttpResponseRedirect(address(PAGE, rows[0].pk))
    kind = ConfigKind.WRITEBACK_FIELDS
    with lookups.read_for(organizations=rows):
        listed = [
            (one, address(PAGE, one.pk), config.newest(kind, organization=one))
            for one in rows
        ]
    return show(
        request,
        "admin/console/mapping_choice.html",
        title="Fields written to Salesforce",
        organizations=listed,
    )


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    organization = whereabouts.organizations_for(request.user).filter(pk=pk).first()
    if organization is None:
        raise Http404("There is no such organization.")
    if request.method != "POST":
        names = config.writeback_fields(organization)
        return _page(request, organization, names.to_document())
    document = document_of(request)
    if request.POST.get("do") != "save":
        return _page(request, organization, document, tries=True)
    try:
        version = writeback_trial.save_names(
            organization=organization,
            document=document,
            user=request.user,
            now=timezone.now(),
            note=request.POST.get("note", ""),
        )
    except ActionRefusedError as refused:
        messages.warning(request, f"Nothing was saved. {refused}")
        return _page(request, organization, document)
    messages.success(
        request, f"{version} is in force. Orders of the last month are told anew."
    )
    return HttpResponseRedirect(address(PAGE, organization.pk))


def document_of(request: HttpRequest) -> dict[str, Any]:
    """The names that differ from the default; an empty one is not written."""
    return {
        name: value
        for name in DEFAULTS.__slots__
        if name in request.POST
        and (value := request.POST[name].strip()[:80]) != getattr(DEFAULTS, name)
    }


def _page(
    request: HttpRequest,
    organization: Organization,
    document: Mapping[str, Any],
    *,
    tries: bool = False,
) -> HttpResponse:
    names, problems = writeback_trial.read(document)
    term = request.POST.get("order", "").strip()
    trial = None
    if names is not None and tries:
        trial = writeback_trial.try_out(
            organization, names, term=term, user=request.user, clock=timezone.now
        )
    kind = ConfigKind.WRITEBACK_FIELDS
    return show(
        request,
        "admin/console/writeback_fields.html",
        title=f"Fields written to Salesforce, {organization}",
        crumbs={"Fields written to Salesforce": address("writeback_names")},
        groups=_groups(document, problems, trial.looks if trial else {}),
        problems=problems,
        trial=trial,
        term=term,
        note=request.POST.get("note", ""),
        newest=config.newest(kind, organization=organization),
        history=address("config_history", "organization", organization.pk, str(kind)),
        may_save=permissions.may_shared(
            request.user, permissions.CHANGE_CONFIG, organization
        ),
    )


def _groups(
    document: Mapping[str, Any], problems: Any, looks: Mapping[str, NameLook]
) -> list[tuple[str, list[Row]]]:
    wrong: dict[str, list[str]] = {}
    for one in problems:
        wrong.setdefault(one.field, []).append(one.reason)
    found: dict[str, list[Row]] = {group: [] for group in TITLES}
    for name in DEFAULTS.__slots__:
        default = str(getattr(DEFAULTS, name))
        group = group_of(name)
        label = _label(name.removeprefix(f"{group}_"))
        value = str(document.get(name, default))
        errors = tuple(wrong.get(name, ()))
        found[group].append(Row(name, label, value, default, errors, looks.get(name)))
    return [(title, found[group]) for group, title in TITLES.items()]


def _label(name: str) -> str:
    """Our name as people write it."""
    words = name.replace("_", " ").capitalize()
    for ours, theirs in (("Sku", "SKU"), ("url", "URL"), ("Remote", "ShipHero")):
        words = words.replace(ours, theirs)
    return words


def register_pages() -> None:
    register(
        Page(
            "writeback_names",
            "written/",
            choose,
            "connectors.view_configversion",
            "Written fields",
            "Maps & rules",
            12,
        ),
        Page(
            PAGE,
            "written/<int:pk>/",
            edit,
            "connectors.view_configversion",
            "Written fields",
            posts=True,
        ),
    )
