"""Configuration as a whole: what holds where, earlier versions, and files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import now

from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.config_diff import differences
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.console.pages import Page, address, register, show
from connectors.console.scoping import MOST_ACCOUNTS
from connectors.console.tabs import with_query
from connectors.sync import config_files, config_history, map_actions, whereabouts
from connectors.sync.actions import ActionRefusedError
from connectors.sync.config_history import Owner

VIEW = "connectors.view_configversion"
MOST_VERSIONS = 100


def owner_or_404(request: HttpRequest, owner: str, pk: int) -> Owner:
    rows: Any = {
        "account": permissions.whole_accounts_for(request.user),
        "organization": whereabouts.organizations_for(request.user),
    }.get(owner)
    found: Owner | None = rows.filter(pk=pk).first() if rows is not None else None
    if found is None:
        raise Http404("There is no such account or organization.")
    return found


def _named(owner: Owner) -> tuple[str, int]:
    return config_files.word_of(owner), owner.pk


def _may_change(request: HttpRequest, owner: Owner) -> bool:
    user, wanted = request.user, permissions.CHANGE_CONFIG
    if isinstance(owner, Account):
        return permissions.may(user, wanted, owner)
    return permissions.may_shared(user, wanted, owner)


def overview(request: HttpRequest) -> HttpResponse:
    """Everything that is configured, by whom it holds for."""
    organizations = list(
        whereabouts.organizations_for(request.user).order_by("name")[:100]
    )
    accounts = permissions.whole_accounts_for(request.user).order_by("name")
    owners: list[Owner] = [*organizations, *accounts[:MOST_ACCOUNTS]]
    newest = _newest_versions()
    return show(
        request,
        "admin/console/config_home.html",
        title="Configuration",
        owners=[
            {
                "owner": owner,
                "word": config_files.word_of(owner),
                "may_change": _may_change(request, owner),
                "kinds": [
                    _summary(owner, kind, newest.get((*_named(owner), str(kind))))
                    for kind in config_history.kinds_of(owner)
                ],
            }
            for owner in owners
        ],
    )


def _summary(
    owner: Owner, kind: ConfigKind, newest: ConfigVersion | None
) -> dict[str, Any]:
    return {
        "label": kind.label,
        "version": newest,
        "edit": _edit_address(owner, kind, newest),
    }


def _newest_versions() -> dict[tuple[str, int, str], ConfigVersion]:
    """The version in force of every owner and kind, in one query."""
    found: dict[tuple[str, int, str], ConfigVersion] = {}
    newer = ConfigVersion.objects.filter(
        Q(account=OuterRef("account")) | Q(organization=OuterRef("organization")),
        kind=OuterRef("kind"),
        number__gt=OuterRef("number"),
    )
    rows = ConfigVersion.objects.filter(~Exists(newer))
    for row in rows.select_related("created_by").defer("document"):
        word = "account" if row.account_id else "organization"
        found[(word, row.account_id or row.organization_id or 0, row.kind)] = row
    return found


# The kinds, besides maps, that have a page of their own.
_PAGES: dict[ConfigKind, str] = {
    ConfigKind.ROUTING: "routing",
    ConfigKind.CHECKS: "checks",
    ConfigKind.SOURCE_MAPPING: "source_mapping",
    ConfigKind.WRITEBACK_FIELDS: "writeback_fields",
}


def _edit_address(owner: Owner, kind: ConfigKind, newest: ConfigVersion | None) -> str:
    if kind in map_actions.KINDS:
        return address("map", owner.pk, str(kind))
    if kind in _PAGES:
        return address(_PAGES[kind], owner.pk)
    if newest is not None:
        return address("connectors_configversion_add", **{"from": newest.pk})
    word, pk = _named(owner)
    return address("connectors_configversion_add", kind=str(kind), **{word: pk})


# -- one kind's versions ---------------------------------------------------------


def history(request: HttpRequest, owner: str, pk: int, kind: str) -> HttpResponse:
    """Every version, what differs between any two, and the way back to one."""
    whose = owner_or_404(request, owner, pk)
    if kind not in {str(one) for one in config_history.kinds_of(whose)}:
        raise Http404("There is no such configuration here.")
    if request.method == "POST":
        return _rolled_back(request, whose, kind)
    rows = list(config_history.versions(whose, kind)[:MOST_VERSIONS])
    by_number = {row.number: row for row in rows}
    left = by_number.get(_number(request.GET.get("a", "")))
    right = by_number.get(_number(request.GET.get("b", "")))
    if left is None and right is None and len(rows) > 1:
        left, right = rows[1], rows[0]
    back = by_number.get(_number(request.GET.get("back", "")))
    label = ConfigKind(kind).label
    return show(
        request,
        "admin/console/config_history.html",
        title=f"{label}: {whose}",
        crumbs={"Configuration": address("config")},
        versions=rows,
        in_force=rows[0] if rows else None,
        left=left,
        right=right,
        found=differences(left.document, right.document) if left and right else None,
        back=back,
        change=_weighed(whose, kind, back),
        edit=_edit_address(whose, ConfigKind(kind), rows[0] if rows else None),
        may_change=_may_change(request, whose),
        leave=with_query(request.GET, back=None),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _weighed(
    owner: Owner, kind: str, back: ConfigVersion | None
) -> config_history.Change | None:
    if back is None:
        return None
    try:
        return config_history.change_to(owner, kind, dict(back.document), now=now())
    except ValueError:
        return None


def _rolled_back(request: HttpRequest, owner: Owner, kind: str) -> HttpResponse:
    wanted = config_history.versions(owner, kind).filter(
        number=_number(request.POST.get("back", ""))
    )
    version = wanted.select_related("account", "organization").first()
    if version is None:
        raise Http404("There is no such version.")
    try:
        made = config_history.roll_back(
            version,
            in_force=_number(request.POST.get("in_force", "")),
            why=request.POST.get("why", ""),
            user=request.user,
            now=now(),
        )
        messages.success(
            request, f"{made} is in force; it says what version {version.number} said."
        )
    except ActionRefusedError as refused:
        messages.warning(request, str(refused))
    return HttpResponseRedirect(address("config_history", *_named(owner), kind))


# -- files -----------------------------------------------------------------------


def export(request: HttpRequest, owner: str, pk: int) -> HttpResponse:
    whose = owner_or_404(request, owner, pk)
    text = config_files.exported(whose, now=now())
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    name = f"shipsync-{owner}-{pk}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def bring_in(request: HttpRequest, owner: str, pk: int) -> HttpResponse:
    """A file, what it would do, and then all of it or nothing."""
    whose = owner_or_404(request, owner, pk)
    text, plan = "", None
    if request.method == "POST":
        account = whose if isinstance(whose, Account) else None
        permissions.require(request.user, permissions.CHANGE_CONFIG, account)
        text = _text_of(request)
        if request.POST.get("step") == "save":
            done = _taken(request, whose, text)
            if done is not None:
                return done
        plan = config_files.plan(whose, text, now=now())
    return show(
        request,
        "admin/console/config_import.html",
        title=f"Import: {whose}",
        crumbs={"Configuration": address("config")},
        owner=whose,
        word=config_files.word_of(whose),
        text=text,
        plan=plan,
        may_change=_may_change(request, whose),
    )


def _text_of(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    if file.size and file.size > config_files.LONGEST:
        return " " * (config_files.LONGEST + 1)  # refused in words by the plan
    text: str = file.read().decode("utf-8", errors="replace")
    return text.removeprefix("\ufeff")


def _taken(request: HttpRequest, owner: Owner, text: str) -> HttpResponse | None:
    try:
        plan = config_files.apply(
            owner, text, why=request.POST.get("why", ""), user=request.user, now=now()
        )
    except ActionRefusedError as refused:
        messages.warning(request, str(refused))
        return None
    count = len(plan.changes) + len(plan.settings)
    messages.success(request, f"{count} changes of the file are in force for {owner}.")
    return HttpResponseRedirect(address("config"))


def register_pages() -> None:
    at = "config/<slug:owner>/<int:pk>/"
    register(
        Page(
            "config",
            "config/",
            overview,
            VIEW,
            "Configuration",
            "Maps & rules",
            order=5,
        ),
        Page(
            "config_history",
            f"{at}kind/<slug:kind>/",
            history,
            VIEW,
            "Versions",
            posts=True,
        ),
        Page("config_export", f"{at}export.json", export, VIEW, "Export"),
        Page("config_import", f"{at}import/", bring_in, VIEW, "Import", posts=True),
    )
