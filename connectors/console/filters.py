"""Filters that lists share."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now

from connectors.console.scoping import visible_accounts
from connectors.models import JobState

Choices = list[tuple[str, str]]


class AccountFilter(admin.SimpleListFilter):
    """By account, naming only those the user may see."""

    title = "account"
    parameter_name = "account"
    path = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(row.pk), row.name) for row in visible_accounts(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        return (
            queryset.filter(**{self.path: value})
            if value.isdigit()
            else queryset.none()
        )


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
            case "tried":
                return queryset.filter(attempts__gt=0)
        return queryset


class ExportFilter(admin.SimpleListFilter):
    """Exports by what they wait for."""

    title = "stand"
    parameter_name = "stand"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Choices:
        return [
            ("held", "Held by us"),
            ("unknown", "Outcome unknown"),
            ("preview", "Waits for a yes"),
            ("open", "Not closed"),
        ]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        open_ones = queryset.filter(canceled_at=None, closed_at=None)
        match self.value():
            case "held":
                return held(open_ones).order_by("held_at", "id")
            case "unknown":
                return queryset.filter(intent_at__isnull=False)
            case "preview":
                return open_ones.filter(
                    approved_at=None, remote_id="", account__preview_first__gt=0
                )
            case "open":
                return open_ones
        return queryset


def held(exports: QuerySet[Any]) -> QuerySet[Any]:
    """Those that stand in ShipHero under our hold: made, and not released yet."""
    return (
        exports.filter(released_at=None, canceled_at=None, closed_at=None)
        .exclude(remote_id="")
        .exclude(hold_kind="")
    )
