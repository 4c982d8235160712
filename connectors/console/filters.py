"""Filters that lists share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now

from connectors.console import needs
from connectors.console.counting import distinct_values
from connectors.console.scoping import accounts_of
from connectors.models import JobState
from connectors.sync import registry
from inventory.models import Warehouse
from orders.records import OrderStage

Choices = list[tuple[str, str]]


class AccountFilter(admin.SimpleListFilter):
    """By account, naming only those the user may see."""

    title = "account"
    parameter_name = "account"
    path = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(row.pk), row.name) for row in accounts_of(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return _by_key(queryset, self.path, self.value())


class WarehouseFilter(admin.SimpleListFilter):
    """By warehouse, naming only those of accounts that the user may see."""

    title = "warehouse"
    parameter_name = "warehouse"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        accounts = accounts_of(request.user)
        rows = Warehouse.objects.filter(account__in=accounts).select_related("account")
        several = len({row.account_id for row in rows}) > 1
        return [
            (str(row.pk), f"{row} ({row.account.name})" if several else str(row))
            for row in rows.order_by("name", "pk")
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return _by_key(queryset, "warehouse", self.value())


class SnapshotFilter(admin.SimpleListFilter):
    """Of one snapshot, whose page leads here; no list of them is offered."""

    title = "snapshot"
    parameter_name = "snapshot"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        chosen = request.GET.get(self.parameter_name, "")
        return [(chosen, f"No. {chosen}")] if chosen.isdigit() else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return _by_key(queryset, "snapshot", self.value())


def _by_key(rows: QuerySet[Any], path: str, value: str | None) -> QuerySet[Any]:
    """Rows of one key; none for what no key can be."""
    if not value:
        return rows
    is_key = value.isascii() and value.isdigit() and len(value) < 19
    return rows.filter(**{path: value}) if is_key else rows.none()


class DefaultedFilter(admin.SimpleListFilter):
    """A filter whose first choice holds when nothing was chosen."""

    def choices(self, changelist: Any) -> Any:
        chosen = self.value() or self.lookup_choices[0][0]
        for value, words in self.lookup_choices:
            yield {
                "selected": chosen == value,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value}
                ),
                "display": words,
            }


class OpenFilter(DefaultedFilter):
    """Failures: the open ones, unless others are asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Choices:
        return [("open", "Open"), ("closed", "Closed"), ("all", "All")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or "open"
        if value == "all":
            return queryset
        return queryset.filter(closed_at__isnull=value != "closed")


class JobFilter(DefaultedFilter):
    """Jobs: what is not done, unless others are asked for."""

    title = "need"
    parameter_name = "need"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Choices:
        return [
            ("open", "Not done"),
            ("due", "Due now"),
            ("late", "Overdue"),
            ("tried", "Tried in vain"),
            ("all", "All"),
        ]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value() or "open":
            case "open":
                return queryset.exclude(state=JobState.DONE)
            case "due":
                return queryset.filter(
                    state=JobState.WAITING, not_before__lte=now()
                ).order_by("not_before")
            case "late":
                return needs.late_jobs(queryset, now()).order_by("not_before")
            case "tried":
                return queryset.filter(attempts__gt=0)
        return queryset


class NeedFilter(admin.SimpleListFilter):
    """What needs attention, exactly as the home page counts it."""

    title = "need"
    parameter_name = "need"
    words: tuple[tuple[str, str], ...] = ()

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Choices:
        return list(self.words)


class OrderNeedFilter(NeedFilter):
    words = (("late", "Late"), ("blocked", "Blocked"))

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "late":
                return needs.late_orders(queryset, now(), needs.limits()).order_by(
                    "state_since"
                )
            case "blocked":
                return needs.blocked_orders(queryset)
        return queryset


class DeliveryNeedFilter(NeedFilter):
    words = (("unmatched", "Without order"),)

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return needs.unmatched(queryset) if self.value() == "unmatched" else queryset


class CursorNeedFilter(NeedFilter):
    words = (("stale", "Stale"),)

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "stale":
            return needs.stale_cursors(queryset, now(), needs.limits())
        return queryset


class ExportFilter(admin.SimpleListFilter):
    """Exports by what they wait for."""

    title = "stand"
    parameter_name = "stand"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Choices:
        return [
            ("held", "Held by us"),
            ("held_long", "Held too long"),
            ("drift", "Drifting"),
            ("unknown", "Outcome unknown"),
            ("preview", "Waits for a yes"),
            ("open", "Not closed"),
        ]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = _STANDS.get(self.value() or "")
        return rows(queryset) if rows is not None else queryset


def _open(exports: QuerySet[Any]) -> QuerySet[Any]:
    return exports.filter(canceled_at=None, closed_at=None)


_STANDS: dict[str, Callable[[QuerySet[Any]], QuerySet[Any]]] = {
    "held": lambda rows: needs.held(_open(rows)).order_by("held_at", "id"),
    "held_long": lambda rows: needs.held_too_long(rows, now(), needs.limits()).order_by(
        "held_at"
    ),
    "drift": needs.drifting,
    "unknown": needs.unknown_outcomes,
    "preview": lambda rows: _open(rows).filter(
        approved_at=None, remote_id="", account__preview_first__gt=0
    ),
    "open": _open,
}


class ListedFilter(admin.SimpleListFilter):
    """By a column whose values are known beforehand: no table is read for its choices.

    The parameter keeps the column's own name, so that addresses stay as they are.
    """

    column = ""

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Choices:
        return sorted(self.values(), key=lambda choice: choice[1])

    def values(self) -> Choices:
        raise NotImplementedError

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{self.column: value}) if value else queryset


class MetFilter(ListedFilter):
    """By a column whose values are those that were met: read from its index."""

    def lookups(self, _request: HttpRequest, model_admin: Any) -> Choices:
        found = distinct_values(model_admin.model, self.column)
        return [(value, value.replace("_", " ")) for value in found if value]


def met(name: str, title: str = "") -> type[MetFilter]:
    """A filter by the indexed column of this name."""
    given = {
        "title": title or name.replace("_", " "),
        "parameter_name": name,
        "column": name,
    }
    return type(f"{name.title()}Filter", (MetFilter,), given)


class KindFilter(ListedFilter):
    title = "kind"
    parameter_name = "kind"
    column = "kind"

    def values(self) -> Choices:
        return [(kind.name, kind.title) for kind in registry.every_kind()]


class LaneFilter(ListedFilter):
    title = "lane"
    parameter_name = "lane"
    column = "lane"

    def values(self) -> Choices:
        return [(lane.value, lane.value.replace("_", " ")) for lane in registry.Lane]


class StageFilter(ListedFilter):
    title = "stage"
    parameter_name = "stage"
    column = "stage"

    def values(self) -> Choices:
        return [(stage.value, stage.value.replace("_", " ")) for stage in OrderStage]
