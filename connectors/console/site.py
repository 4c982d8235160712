"""The console itself: home page, navigation, and pages that belong to no model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils.timezone import now

from connectors.accounts import audit
from connectors.accounts.models import (
    Account,
    Credential,
    CredentialSystem,
    Organization,
)
from connectors.console import home, navigation, pages, panels, status

FOUND = 302


class ConsoleSite(AdminSite):
    """Django's admin with the console's own face."""

    site_header = "ShipSync"
    site_title = "ShipSync"
    index_title = "Home"
    site_url = None
    enable_nav_sidebar = False
    empty_value_display = ""

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        context["is_sandbox"] = status.is_sandbox()
        if self.has_permission(request):
            context["status"] = status.read_status(request.user, now())
            context["ribbons"] = status.ribbons(request.user)
            context["navigation"] = navigation.for_request(request, self)
        return context

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [page.path(self) for page in pages.every_page()]
        return [*own, *super().get_urls()]

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        answer: Any = super().password_change(request, extra_context)
        person: Any = request.user
        if request.method == "POST" and answer.status_code == FOUND:
            audit.record(
                action="change_password",
                actor=person,
                subject=person,
                now=now(),
            )
        return answer

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        today = now()
        view, shown = panels.shown_to(request.user, today, STEPS)
        cards = [
            one for one in shown if one.panel.shape not in {"tile", "count", "strip"}
        ]
        tiles = [one for one in shown if one.panel.shape in {"tile", "count"}]
        context = {
            "title": "Home",
            "tiles": tiles,
            "strips": [one for one in shown if one.panel.shape == "strip" and one.body],
            "panels": [one for one in cards if not one.is_in_order],
            "in_order": [one for one in cards if one.is_in_order],
            "is_calm": bool(tiles) and all(one.is_calm for one in tiles),
            "oldest": home.oldest_waiting(view),
            "checked_at": status.last_beat(request.user),
            "steps": first_steps(view.counts),
            "made_at": today,
            **(extra_context or {}),
        }
        return super().index(request, context)


# What the steps to the first order are told by.
STEPS = {
    "salesforce logins": Credential.objects.filter(system=CredentialSystem.SALESFORCE),
    "shiphero logins": Credential.objects.filter(system=CredentialSystem.SHIPHERO),
    "organizations": Organization.objects.all(),
    "accounts": Account.objects.all(),
    "live accounts": Account.objects.exclude(export_from=None),
}


def first_steps(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """What is still to do before the first order can go out; [] when all is done."""
    if counts["live accounts"]:
        return []
    has_logins = counts["salesforce logins"] and counts["shiphero logins"]
    return [
        _step(
            "Enter the logins for Salesforce and ShipHero",
            Credential,
            bool(has_logins),
        ),
        _step(
            "Connect the Salesforce organization",
            Organization,
            bool(counts["organizations"]),
        ),
        _step("Connect the ShipHero account", Account, bool(counts["accounts"])),
        _step(
            "Check the maps, then resume the account: that is go-live", Account, False
        ),
    ]


def _step(words: str, model: Any, done: bool) -> dict[str, Any]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return {"words": words, "address": name, "done": done}
