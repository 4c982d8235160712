"""Who sees which accounts: rows that limit people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.timezone import now

from connectors.accounts import audit, permissions
from connectors.console.config_admin import ConfigAdmin
from connectors.console.scoping import by_whole_account


class AccountAccessAdmin(ConfigAdmin):
    scope = staticmethod(by_whole_account())
    list_note = (
        "A user named here sees only the accounts named, or the one brand of an "
        "account; others see what their role shows."
    )
    list_display = ("user", "account", "brand")
    list_select_related = ("user", "account", "brand")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and _limits_others(request)

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and _limits_others(request)

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        allowed = admin.ModelAdmin.has_delete_permission(self, request, obj)
        return allowed and _limits_others(request)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            audit.record(
                action="remove_account_access",
                actor=request.user,
                subject=row,
                account=row.account,
                now=now(),
            )
        return super().log_deletions(request, queryset)


def _limits_others(request: HttpRequest) -> bool:
    """Whoever is limited lifts nobody's limits, his own least of all."""
    return permissions.sees_all(request.user)
