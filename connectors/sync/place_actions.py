"""What an integrator sets about a warehouse: whether it is used, its hours, its roads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import available_timezones

from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.sync.actions import User
from inventory.models import Holiday, TransitTime, Warehouse

OURS: Final = (
    "is_active",
    "is_chosen",
    "region",
    "time_zone",
    "cutoff",
    "working_days",
)
PARTS: Final[Mapping[str, type[Holiday | TransitTime]]] = {
    "holidays": Holiday,
    "transit_times": TransitTime,
}


def zone_problem(name: str) -> str:
    """What is wrong with a time zone, or ""; a wrong one moves every cut-off."""
    if not name or name in available_timezones():
        return ""
    return f"“{name}” is no time zone. Write one such as America/Chicago."


def set_up(
    *, warehouse: Warehouse, values: Mapping[str, Any], user: User, now: datetime
) -> None:
    """Set what is given of `OURS` and `PARTS`; a list takes the place of the whole list.

    Values are checked already. Raises `PermissionDenied` for those who may not.
    """
    permissions.require(user, permissions.CHANGE_CONFIG, warehouse.account)
    with transaction.atomic():
        before = {name: getattr(warehouse, name) for name in OURS if name in values}
        for name in before:
            setattr(warehouse, name, values[name])
        warehouse.save(update_fields=list(before))
        for name in PARTS.keys() & values.keys():
            _replace(PARTS[name], warehouse, values[name])
        audit.record(
            action="set_up_warehouse",
            actor=user,
            subject=warehouse,
            account=warehouse.account,
            before={name: _plain(value) for name, value in before.items()},
            after={name: _plain(value) for name, value in values.items()},
            now=now,
        )


def _replace(
    model: type[Holiday | TransitTime],
    warehouse: Warehouse,
    rows: Sequence[Mapping[str, Any]],
) -> None:
    model._default_manager.filter(warehouse=warehouse).delete()
    for row in rows:
        model._default_manager.create(warehouse=warehouse, **row)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value if value is None or isinstance(value, bool | int | str) else str(value)
