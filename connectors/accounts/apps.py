from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "connectors.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        roles = import_module("connectors.accounts.roles")
        import_module("connectors.accounts.sign_in")
        post_migrate.connect(roles.seed_after_migrate, dispatch_uid="accounts.roles")
