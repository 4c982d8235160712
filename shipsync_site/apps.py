"""The last app to be ready: what can only be settled when all others are."""

from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """Django's admin app with the console as its site."""

    default_site = "connectors.console.site.ConsoleSite"


class SiteConfig(AppConfig):
    name = "shipsync_site"
    verbose_name = "ShipSync"

    def ready(self) -> None:
        unregister_queue_admin()


def unregister_queue_admin() -> None:
    """Take django-q2's own pages away: editing a task there runs any function."""
    for model in apps.get_app_config("django_q").get_models():
        if admin.site.is_registered(model):
            admin.site.unregister(model)
