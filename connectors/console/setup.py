"""The pages of the set-up: logins, organizations, accounts, brands, access."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors.accounts import audit
from connectors.accounts.models import Account, BreakerState, Credential
from connectors.console import markup
from connectors.console.base import ConfigAdmin, column
from connectors.console.credential_form import CredentialForm
from connectors.console.scoping import by_account, by_key
from connectors.console.searching import Search
from connectors.errors import AuthError
from orders.models import Export


class CredentialAdmin(ConfigAdmin):
    scope = staticmethod(by_key("credentials"))
    form = CredentialForm
    search = Search(words=("name",))
    list_note = (
        "The logins at Salesforce and ShipHero. Secrets are written, never shown."
    )
    list_filter = ("system", "state")
    list_display = ("name", "system", "standing", "breaker", "credits", "api_use")
    readonly_fields = (
        "standing",
        "breaker",
        "credits",
        "api_use",
        "token_until",
        "secret_names",
        "created_at",
    )
    fieldsets = (
        (None, {"fields": ("system", "name", "settings")}),
        ("Secrets", {"fields": ("secret_names", "new_secrets")}),
        (
            "As last seen",
            {"fields": ("standing", "breaker", "credits", "api_use", "token_until")},
        ),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str]:
        fixed = [*super().get_readonly_fields(request, obj)]
        return [*fixed, "system"] if obj is not None else fixed

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        allowed = (
            self.has_change_permission(request, obj)
            if obj
            else self.has_add_permission(request)
        )
        if obj is None:
            return [
                (None, {"fields": ("system", "name", "settings")}),
                ("Secrets", {"fields": ("new_secrets",)}),
            ]
        if allowed:
            return self.fieldsets
        head, _secrets, seen = self.fieldsets
        return [head, ("Secrets", {"fields": ("secret_names",)}), seen]

    @column("Login", order="state")
    def standing(self, row: Credential) -> SafeString | str:
        chip = markup.chip_html(row.state, row.get_state_display())
        return markup.joined(chip, row.refused_reason)

    @column("Circuit breaker", order="breaker_state")
    def breaker(self, row: Credential) -> SafeString | str:
        if row.breaker_state == BreakerState.CLOSED:
            return markup.tone_html("good", "Answering")
        is_open = row.breaker_state == BreakerState.OPEN
        chip = markup.tone_html("warn", "Not answering" if is_open else "Trying again")
        return markup.joined(chip, "next try ", markup.when(row.breaker_probe_at))

    @column("Credits")
    def credits(self, row: Credential) -> str:
        if row.credits_capacity is None or row.credits_remaining is None:
            return ""
        rate = f", +{row.credits_rate:g}/s" if row.credits_rate else ""
        return f"{row.credits_remaining:,.0f} of {row.credits_capacity:,.0f}{rate}"

    @column("API use today")
    def api_use(self, row: Credential) -> str:
        if not row.api_limit or row.api_used is None:
            return ""
        share = 100 * row.api_used / row.api_limit
        return f"{row.api_used:,} of {row.api_limit:,} ({share:.0f} %)"

    @column("Token until")
    def token_until(self, row: Credential) -> SafeString | str:
        return markup.when(row.token_expires_at)

    @column("Stored secrets")
    def secret_names(self, row: Credential) -> str:
        try:
            return ", ".join(sorted(row.secrets or {})) or "none"
        except AuthError as unreadable:
            return unreadable.reason


class OrganizationAdmin(ConfigAdmin):
    scope = staticmethod(by_key("organizations"))
    search = Search(exact=("org_id",), words=("name",))
    list_note = "The Salesforce orgs whose orders are read."
    list_display = ("name", "credential", "org_id", "is_sandbox")
    list_select_related = ("credential",)
    fields = ("name", "credential", "org_id", "instance_url", "is_sandbox")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


class AccountAdmin(ConfigAdmin):
    scope = staticmethod(by_key("accounts"))
    search = Search(words=("name",))
    list_note = "The ShipHero accounts that orders go to. A new one starts paused."
    list_display = ("name", "organization", "standing", "live_from", "credential")
    list_select_related = ("organization", "credential")
    readonly_fields = ("standing", "paused_note", "fingerprint")
    fieldsets = (
        (None, {"fields": ("name", "standing", "paused_note")}),
        ("Connection", {"fields": ("organization", "credential", "fingerprint")}),
        ("Go-live", {"fields": ("export_from", "preview_first")}),
        (
            "In ShipHero",
            {
                "fields": (
                    "customer_account_id",
                    "shop_name",
                    "key_prefix",
                    "own_tag",
                    "hold_kind",
                )
            },
        ),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str]:
        fixed = [*super().get_readonly_fields(request, obj)]
        if obj is not None and Export.objects.filter(account_id=obj.pk).exists():
            fixed += ["key_prefix", "organization", "customer_account_id"]
        return fixed

    @column("State", order="paused")
    def standing(self, row: Account) -> SafeString:
        if row.paused:
            return markup.tone_html("warn", "Paused")
        return markup.tone_html("good", "Open")

    @column("Paused because")
    def paused_note(self, row: Account) -> SafeString | str:
        if not row.paused:
            return ""
        by = f" — {row.paused_by}" if row.paused_by else ""
        return markup.joined(f"{row.paused_reason}{by}", markup.when(row.paused_at))

    @column("Live from", order="export_from")
    def live_from(self, row: Account) -> SafeString | str:
        return markup.when(row.export_from) or "Not live yet"


class BrandAdmin(ConfigAdmin):
    scope = staticmethod(by_account())
    search = Search(exact=("code",), words=("name",))
    list_note = "A brand is chosen by the code Salesforce gives it."
    list_display = ("name", "code", "account")
    list_select_related = ("account",)


class AccountAccessAdmin(ConfigAdmin):
    scope = staticmethod(by_account())
    list_note = "A user named here sees only the accounts named; others see what their role shows."
    list_display = ("user", "account")
    list_select_related = ("user", "account")

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

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
