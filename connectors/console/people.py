"""People and their roles: Django's pages, with every change in the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from connectors.accounts import audit
from connectors.console import markup
from connectors.console.base import column
from connectors.console.pages import address

if TYPE_CHECKING:
    Base = UserAdmin[Any]
else:
    Base = UserAdmin


class PersonAdmin(Base):
    list_display = ("username", "email", "roles", "is_active", "is_superuser", "seen")
    list_filter = ("groups", "is_active", "is_superuser")
    readonly_fields = ("sign_in", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "sign_in")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        (
            "What they may do",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups")},
        ),
        ("Since", {"fields": ("last_login", "date_joined")}),
    )

    @column("Roles")
    def roles(self, row: Any) -> str:
        return ", ".join(sorted(group.name for group in row.groups.all()))

    @column("Last sign-in", order="last_login")
    def seen(self, row: Any) -> SafeString | str:
        return markup.when(row.last_login) or "Never"

    @column("Sign-in")
    def sign_in(self, row: Any) -> SafeString | str:
        if row.pk is None:
            return ""
        words = "Second factor, sessions, tokens, lock-out"
        return markup.link(address("person", row.pk), words)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        entry = super().log_addition(request, obj, message)
        self._note(request, obj, "add_user", entry)
        return entry

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        entry = super().log_change(request, obj, message)
        self._note(request, obj, "change_user", entry)
        return entry

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            audit.record(
                action="remove_user", actor=request.user, subject=row, now=now()
            )
        return super().log_deletions(request, queryset)

    def _note(self, request: HttpRequest, person: Any, action: str, entry: Any) -> None:
        audit.record(
            action=action,
            actor=request.user,
            subject=person,
            after={
                "roles": sorted(person.groups.values_list("name", flat=True)),
                "is_active": person.is_active,
                "is_staff": person.is_staff,
                "is_superuser": person.is_superuser,
            },
            note=entry.get_change_message(),
            now=now(),
        )


def register_pages() -> None:
    """Ours in the place of Django's; django-otp's, which show the keys, go."""
    person = get_user_model()
    for model in (person, TOTPDevice, StaticDevice):
        admin.site.unregister(model)
    admin.site.register(person, PersonAdmin)
