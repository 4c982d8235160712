"""The pages of the set-up: logins, organizations, accounts, brands, access."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors.accounts.models import (
    Account,
    BreakerState,
    Credential,
    Organization,
)
from connectors.console import markup
from connectors.console.base import column
from connectors.console.config_admin import ConfigAdmin
from connectors.console.credential_form import CredentialForm
from connectors.console.pages import address
from connectors.console.scoping import by_account, by_key
from connectors.console.searching import Search
from connectors.errors import AuthError
from connectors.sync import load
from orders.models import Export


def _links_of(owner: str, pk: int) -> list[tuple[str, str]]:
    return [
        ("Test connection", address("connection", owner, pk)),
        ("Configuration", address("config")),
    ]


class CredentialAdmin(ConfigAdmin):
    def links_of(self, row: Credential) -> list[tuple[str, str]]:
        """A login is tested by the first that uses it."""
        account = row.account_set.order_by("pk").first()
        if account is not None:
            return _links_of("account", account.pk)[:1]
        organization = row.organization_set.order_by("pk").first()
        return _links_of("organization", organization.pk)[:1] if organization else []

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
        return share_words(row.api_used, row.api_limit)

    @column("Token until")
    def token_until(self, row: Credential) -> SafeString | str:
        return markup.when(row.token_expires_at)

    @column("Stored secrets")
    def secret_names(self, row: Credential) -> str:
        try:
            return ", ".join(sorted(row.secrets or {})) or "none"
        except AuthError as unreadable:
            return unreadable.reason


def share_words(count: int, limit: int | None) -> str:
    """A count of calls beside the day's limit, where that is known."""
    if not limit:
        return f"{count:,}"
    share = 100 * count / limit
    return f"{count:,} of {limit:,} ({share:.{0 if share >= 10 else 1}f} %)"


class OrganizationAdmin(ConfigAdmin):
    def links_of(self, row: Organization) -> list[tuple[str, str]]:
        return _links_of("organization", row.pk)

    scope = staticmethod(by_key("organizations"))
    search = Search(exact=("org_id",), words=("name",))
    list_note = "The Salesforce orgs whose orders are read."
    list_display = ("name", "credential", "org_id", "says", "listens")
    list_select_related = ("credential", "listener")
    readonly_fields = ("says", "user", "listens", "calls_today", "calls_by_kind")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("name", "credential", "org_id", "instance_url", "is_sandbox"),
                    "integration_username",
                )
            },
        ),
        ("As it was met", {"fields": ("says", "user", "listens")}),
        ("API calls", {"fields": ("calls_today", "calls_by_kind")}),
    )
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    @column("Salesforce says")
    def says(self, row: Organization) -> SafeString | str:
        if row.checked_at is None:
            return "Nothing yet; it is asked on the first connection."
        if row.told_sandbox is None:
            return "Not whether it is a sandbox"
        kind = "a sandbox" if row.told_sandbox else "production"
        if row.told_sandbox is row.is_sandbox:
            return f"It is {kind}"
        return markup.chip_html("failed", f"It is {kind}, and was entered otherwise")

    @column("We log in as")
    def user(self, row: Organization) -> str:
        return row.integration_user_id or "Not known before the first login"

    @column("Messages")
    def listens(self, row: Organization) -> SafeString | str:
        """The last one; without any, polling alone finds what changes."""
        listener = getattr(row, "listener", None)
        if listener is None or listener.last_received_at is None:
            return "None has come; polling finds what changes"
        return format_html("The last {}", markup.when(listener.last_received_at))

    @column("Used by everybody today")
    def calls_today(self, row: Organization) -> str:
        login = row.credential if row.pk else None
        if login is None or not login.api_limit or login.api_used is None:
            return "Not known before the first call."
        return share_words(login.api_used, login.api_limit)

    @column("By ShipSync, last 24 hours")
    def calls_by_kind(self, row: Organization) -> SafeString | str:
        ours = load.use_of(row, now=now()) if row.pk else {}
        if not ours:
            return "None"
        limit = row.credential.api_limit
        told = [("All together", share_words(sum(ours.values()), limit))]
        told += [
            (markup.kind_words(kind), share_words(count, limit))
            for kind, count in ours.items()
        ]
        return format_html_join("", "<div>{}: {}</div>", told)


class AccountAdmin(ConfigAdmin):
    def links_of(self, row: Account) -> list[tuple[str, str]]:
        checks = ("Checks", address("checks", row.pk))
        return [*_links_of("account", row.pk), checks]

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
    scope = staticmethod(by_account(brand="pk"))
    search = Search(exact=("code",), words=("name",))
    list_note = "A brand is chosen by the code Salesforce gives it."
    list_display = ("name", "code", "account", "tag")
    list_select_related = ("account",)
