"""The source mapping as rows: checked, tried on a real order, weighed, then saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from connectors.accounts import permissions
from connectors.accounts.models import Organization
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.console.pages import Page, address, register, show
from connectors.errors import Problem
from connectors.salesforce.order_fields import LINE_FIELDS, ORDER_FIELDS
from connectors.salesforce.source_mapping import STANDARD
from connectors.salesforce.transforms import TRANSFORMS
from connectors.sync import config, lookups, mapping_impact, mapping_trial, whereabouts
from connectors.sync.actions import ActionRefusedError
from orders.records import OrderStage

PAGE = "source_mapping"
BLANK_ROWS = 3
MOST_ROWS = 200
COLUMNS = ("field", "path", "transform", "default")
SOURCE = ("object", "lines", "parent")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form with what was found out about it."""

    at: int
    values: Mapping[str, str]
    required: bool = False
    errors: tuple[str, ...] = ()
    look: mapping_trial.FieldLook | None = None


def choose(request: HttpRequest) -> HttpResponse:
    """The organizations; straight on where there is only one."""
    rows = list(whereabouts.organizations_for(request.user).order_by("name"))
    if len(rows) == 1:
        return HttpResponseRedirect(address(PAGE, rows[0].pk))
    with lookups.read_for(organizations=rows):
        listed = [(one, address(PAGE, one.pk), _newest(one)) for one in rows]
    return show(
        request,
        "admin/console/mapping_choice.html",
        title="Source mapping",
        organizations=listed,
    )


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    organization = whereabouts.organizations_for(request.user).filter(pk=pk).first()
    if organization is None:
        raise Http404("There is no such organization.")
    if request.method == "POST":
        return _posted(request, organization)
    return _page(request, organization, _document_in_force(request, organization))


def _document_in_force(
    request: HttpRequest, organization: Organization
) -> dict[str, Any]:
    """The version named in the address, or the newest, or the default."""
    asked = request.GET.get("from", "")
    rows = ConfigVersion.objects.filter(
        kind=ConfigKind.SOURCE_MAPPING, organization=organization
    )
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        version = rows.filter(pk=int(asked)).first()
        if version is not None:
            return dict(version.document)
    return config.source_mapping(organization).to_document()


def _posted(request: HttpRequest, organization: Organization) -> HttpResponse:
    document = document_of(request)
    do = request.POST.get("do", "try")
    if do == "save":
        try:
            version = mapping_trial.save_mapping(
                organization=organization,
                document=document,
                user=request.user,
                now=timezone.now(),
                note=request.POST.get("note", ""),
            )
        except ActionRefusedError as refused:
            messages.warning(request, f"Nothing was saved. {refused}")
        else:
            messages.success(
                request, f"{version} is in force. Every open order is read anew by it."
            )
            return HttpResponseRedirect(address(PAGE, organization.pk))
    return _page(request, organization, document, do=do)


def document_of(request: HttpRequest) -> dict[str, Any]:
    """The mapping that the form says; rows without a field and a path are left out."""
    columns = [request.POST.getlist(name)[:MOST_ROWS] for name in COLUMNS]
    required = set(request.POST.getlist("required"))
    removed = set(request.POST.getlist("remove"))
    rows = []
    for at, values in enumerate(zip(*columns, strict=False)):
        row: dict[str, Any] = {
            name: value.strip()
            for name, value in zip(COLUMNS, values, strict=True)
            if value.strip() or name in {"field", "path"}
        }
        if str(at) in removed or not (row["field"] or row["path"]):
            continue
        if str(at) in required:
            row["required"] = True
        rows.append(row)
    document: dict[str, Any] = {"fields": rows}
    source = {name: request.POST.get(f"source_{name}", "").strip() for name in SOURCE}
    stages = stages_of(request.POST.get("stages", ""))
    if any(source.values()) or stages:
        document["source"] = {name: value for name, value in source.items() if value}
    if stages:
        document["source"]["stages"] = stages
    return document


def stages_of(text: str) -> dict[str, str]:
    """`Approved = activated`, one a line."""
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    return {name.strip(): stage.strip() for name, _, stage in pairs}


def _page(
    request: HttpRequest,
    organization: Organization,
    document: dict[str, Any],
    *,
    do: str = "",
) -> HttpResponse:
    mapping, problems = mapping_trial.read(document)
    term = request.POST.get("order", "").strip()
    trial = impact = None
    if mapping is not None and do in {"try", "impact"}:
        trial = mapping_trial.try_out(
            organization, mapping, term=term, user=request.user, clock=timezone.now
        )
    if mapping is not None and do == "impact":
        impact = mapping_impact.impact_of(
            organization, mapping, user=request.user, clock=timezone.now
        )
    looks = trial.looks if trial else ()
    source: dict[str, Any] = {**STANDARD.to_document(), **document.get("source", {})}
    return show(
        request,
        "admin/console/mapping.html",
        title=f"Source mapping of {organization}",
        crumbs={"Source mapping": address("source_mappings")},
        organization=organization,
        rows=rows_of(document["fields"], problems, looks),
        problems=[one for one in problems if not one.field.startswith("fields[")],
        is_broken=bool(problems),
        trial=trial,
        impact=impact,
        term=term,
        note=request.POST.get("note", ""),
        source=source,
        stages="\n".join(f"{k} = {v}" for k, v in source.get("stages", {}).items()),
        stage_names=", ".join(stage.value for stage in OrderStage),
        order_fields=ORDER_FIELDS,
        line_fields=LINE_FIELDS,
        transforms=sorted(filter(None, TRANSFORMS)),
        newest=_newest(organization),
        history=address(
            "config_history",
            "organization",
            organization.pk,
            str(ConfigKind.SOURCE_MAPPING),
        ),
        may_save=permissions.may_shared(
            request.user, permissions.CHANGE_CONFIG, organization
        ),
    )


def rows_of(
    fields: Sequence[Mapping[str, Any]],
    problems: Sequence[Problem],
    looks: Sequence[mapping_trial.FieldLook],
) -> list[Row]:
    """The rows of the form, and some blank ones to go on with."""
    made = [
        Row(
            at,
            {name: str(one.get(name, "")) for name in COLUMNS},
            one.get("required") is True,
            tuple(p.reason for p in problems if p.field.startswith(f"fields[{at}]")),
            looks[at] if at < len(looks) else None,
        )
        for at, one in enumerate(fields)
    ]
    blank = dict.fromkeys(COLUMNS, "")
    return made + [Row(len(made) + more, blank) for more in range(BLANK_ROWS)]


def _newest(organization: Organization) -> ConfigVersion | None:
    return config.newest(ConfigKind.SOURCE_MAPPING, organization=organization)


def register_pages() -> None:
    register(
        Page(
            "source_mappings",
            "mapping/",
            choose,
            "connectors.view_configversion",
            "Source mapping",
            "Maps & rules",
            10,
        ),
        Page(
            PAGE,
            "mapping/<int:pk>/",
            edit,
            "connectors.view_configversion",
            "Source mapping",
            posts=True,
        ),
    )
