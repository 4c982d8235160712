"""The last app to be ready: what can only be settled when all others are."""

from django.apps import AppConfig, apps
from django.conf import settings
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
        if settings.SHIPSYNC_REQUIRE_OTP:
            require_one_time_password()


def unregister_queue_admin() -> None:
    """Take django-q2's own pages away: editing a task there runs any function."""
    for model in apps.get_app_config("django_q").get_models():
        if admin.site.is_registered(model):
            admin.site.unregister(model)


def require_one_time_password() -> None:
    """Let nobody into the console who has not proved a second factor."""
    # Imported here: django-otp's admin needs its models loaded.
    from connectors.console.second_factor import SecondFactorSite  # noqa: PLC0415

    admin.site.__class__ = SecondFactorSite
