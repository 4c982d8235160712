"""Pages of what an integrator sets by form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.timezone import now

from connectors.accounts import audit, permissions
from connectors.console import offers
from connectors.console.base import ConsoleAdmin, audit_address


class ConfigAdmin(ConsoleAdmin):
    """What an integrator sets by form. Every save is written to the audit."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and self._may_configure(request)

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and self._may_configure(request, obj)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        account = offers.account_of(obj)
        if account is not None and account.pk is not None:
            permissions.require(request.user, permissions.CHANGE_CONFIG, account)
        before = self._as_saved(obj, form.changed_data) if change else None
        super().save_model(request, obj, form, change)
        audit.record(
            action=f"{'change' if change else 'add'}_{self.opts.model_name}",
            actor=request.user,
            subject=obj,
            account=offers.account_of(obj),
            before=before,
            after=_values(obj, form.changed_data),
            now=now(),
        )

    def way_to_history(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        may_see = request.user.has_perm("accounts.view_audit")
        return [("History", audit_address(row))] if may_see else []

    def _as_saved(self, obj: Any, names: Iterable[str]) -> dict[str, Any]:
        return _values(self.model._default_manager.get(pk=obj.pk), names)

    def _may_configure(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What several accounts stand on is changed only by who may change them all."""
        account = offers.account_of(obj)
        if not permissions.may(request.user, permissions.CHANGE_CONFIG, account):
            return False
        return obj is None or permissions.may_shared(
            request.user, permissions.CHANGE_CONFIG, obj
        )


def _values(obj: Any, names: Iterable[str]) -> dict[str, Any]:
    """Plain values of the named columns; what is no column of the row is left out."""
    columns = {field.name: field for field in obj._meta.concrete_fields}
    return {
        name: _plain(columns[name].value_from_object(obj))
        for name in names
        if name in columns and name != "secrets"
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | dict | list):
        return value
    return str(value)
