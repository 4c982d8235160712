from importlib import import_module

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "connectors"
    label = "connectors"
    verbose_name = "Sync"

    def ready(self) -> None:
        import_module("connectors.checks")
        import_module("connectors.sync.kinds")
