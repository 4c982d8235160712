"""The pages of configuration: versioned documents and scoped settings."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors.accounts import permissions, scoped
from connectors.accounts.models import ScopedSetting
from connectors.config_versions import ConfigVersion
from connectors.console import markup, setting_topics
from connectors.console.base import column
from connectors.console.config_admin import ConfigAdmin
from connectors.console.config_forms import (
    ConfigVersionForm,
    ScopedSettingForm,
    as_text,
)
from connectors.console.scoping import Scope, by_account_or_organization
from connectors.sync import config


def _settings_in(scope: Scope) -> Q:
    everywhere = Q(account=None, brand=None)
    return (
        everywhere
        | Q(account__in=scope.accounts)
        | Q(brand__account__in=scope.whole)
        | Q(brand__in=scope.brands)
    )


class ConfigVersionAdmin(ConfigAdmin):
    """Adding is the only way to change; the form starts from the newest version."""

    scope = staticmethod(by_account_or_organization())
    form = ConfigVersionForm
    list_note = "Every version that ever held. The newest of its kind counts."
    list_filter = ("kind",)
    list_display = ("__str__", "where", "note", "made", "created_by")
    list_select_related = ("account", "organization", "created_by")
    change_form_template = "admin/console/config_version.html"
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return permissions.may(request.user, permissions.CHANGE_CONFIG)

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, _request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            names = ("kind", "organization", "account", "text", "note")
            return [(None, {"fields": names})]
        return [
            (None, {"fields": ("kind", "where", "number", "note")}),
            ("Document", {"fields": ("pretty",)}),
            ("Made", {"fields": ("created_by", "created_at")}),
        ]

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> list[str]:
        return ["where", "pretty"] if obj is not None else []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["may_make_version"] = self.has_add_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From the version named in the address, or the newest of the kind and scope."""
        initial: dict[str, Any] = {**super().get_changeform_initial_data(request)}
        start = self._start(request)
        if start is not None:
            initial |= {
                "kind": start.kind,
                "organization": start.organization_id,
                "account": start.account_id,
                "text": as_text(start.document),
            }
        return initial

    def _start(self, request: HttpRequest) -> ConfigVersion | None:
        asked = request.GET.get("from", "")
        rows: QuerySet[ConfigVersion] = self.get_queryset(request)
        if asked.isascii() and asked.isdigit() and len(asked) < 19:
            return rows.filter(pk=int(asked)).first()
        return None

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """The service gives the number and writes the audit."""
        saved = config.save(
            kind=obj.kind,
            document=obj.document,
            user=request.user,
            now=now(),
            organization=obj.organization,
            account=obj.account,
            note=obj.note,
        )
        obj.pk = saved.pk
        obj.number = saved.number

    @column("For")
    def where(self, row: ConfigVersion) -> SafeString | str:
        return markup.link_to(row.account or row.organization)

    @column("Made", order="id")
    def made(self, row: ConfigVersion) -> SafeString | str:
        return markup.when(row.created_at)

    @column("Document")
    def pretty(self, row: ConfigVersion) -> SafeString | str:
        return markup.document(row.document)


class ScopedSettingAdmin(ConfigAdmin):
    """Values that differ from their default; what holds where stands above the list."""

    scope = staticmethod(_settings_in)
    form = ScopedSettingForm
    change_list_template = "admin/console/settings.html"
    list_note = "A brand inherits from its account, an account from all."
    list_display = ("key", "value", "where")
    list_select_related = ("account", "brand", "brand__account")

    def get_fieldsets(self, _request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": ("key", "account", "brand", "text")})]

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> list[str]:
        return ["key", "account", "brand"] if obj is not None else []

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """The service writes value and audit; its row takes the place of the form's."""
        scoped.assign(
            obj.key,
            form.cleaned_data["text"],
            actor=request.user,
            now=now(),
            account=obj.account,
            brand=obj.brand,
        )
        saved = ScopedSetting.objects.get(
            key=obj.key, account=obj.account, brand=obj.brand
        )
        obj.pk = saved.pk
        obj.value = saved.value

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        rows = self.get_queryset(request).select_related(*self.list_select_related)
        context = {"topics": setting_topics.by_topic(rows), **(extra_context or {})}
        return super().changelist_view(request, context)

    @column("For")
    def where(self, row: ScopedSetting) -> str:
        return str(row.brand or row.account or "Everything")
