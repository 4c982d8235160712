"""The console itself: home page, navigation, and pages that belong to no model."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from connectors import catalogue
from connectors.accounts.models import Account, Credential, Organization
from connectors.console import navigation, panels, status


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
            context["navigation"] = navigation.for_request(request, self)
        return context

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path("errors/", self.admin_view(require_safe(self.errors)), name="errors"),
            path(
                "schedules/",
                self.admin_view(require_safe(self.schedules)),
                name="schedules",
            ),
        ]
        return [*own, *super().get_urls()]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        today = now()
        shown = panels.shown_to(request.user, today)
        context = {
            "title": "Home",
            "tiles": [one for one in shown if one.panel.shape == "tile"],
            "panels": [one for one in shown if one.panel.shape != "tile"],
            "steps": first_steps(),
            "made_at": today,
            **(extra_context or {}),
        }
        return super().index(request, context)

    def errors(self, request: HttpRequest) -> HttpResponse:
        """The error catalogue: every code with its cause and its fix."""
        context = {
            **self.each_context(request),
            "title": "Error catalogue",
            "entries": sorted(catalogue.ENTRIES, key=lambda entry: entry.code),
        }
        return TemplateResponse(request, "admin/console/errors.html", context)

    def schedules(self, request: HttpRequest) -> HttpResponse:
        """django-q2's schedules, to read: its own pages would run any function."""
        schedule = apps.get_model("django_q", "Schedule")
        rows = schedule._default_manager.order_by("name")[:200]
        context = {
            **self.each_context(request),
            "title": "Schedules",
            "schedules": rows,
        }
        return TemplateResponse(request, "admin/console/schedules.html", context)


def first_steps() -> list[dict[str, Any]]:
    """What is still to do before the first order can go out; [] when all is done."""
    has_account = Account.objects.exists()
    if has_account and Account.objects.exclude(export_from=None).exists():
        return []
    return [
        _step(
            "Enter the logins for Salesforce and ShipHero",
            Credential,
            Credential.objects.values("system").distinct().count() > 1,
        ),
        _step(
            "Connect the Salesforce organization",
            Organization,
            Organization.objects.exists(),
        ),
        _step("Connect the ShipHero account", Account, has_account),
        _step(
            "Check the maps, then resume the account: that is go-live", Account, False
        ),
    ]


def _step(words: str, model: Any, done: bool) -> dict[str, Any]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return {"words": words, "address": name, "done": done}
