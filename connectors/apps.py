from contextlib import suppress
from importlib import import_module
from zoneinfo import ZoneInfo

from django.apps import AppConfig
from django.conf import settings

from connectors.shiphero.values import take_bare_times_as


class ConnectorsConfig(AppConfig):
    name = "connectors"
    label = "connectors"
    verbose_name = "Sync"

    def ready(self) -> None:
        import_module("connectors.checks")
        import_module("connectors.sync.kinds")
        with suppress(LookupError, ValueError, OSError):  # the checks say what is wrong
            take_bare_times_as(ZoneInfo(settings.SHIPSYNC_SHIPHERO_TIME_ZONE))
