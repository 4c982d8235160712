"""Settings that a brand inherits from its account and an account from all."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account, Brand, ScopedSetting


class Source(enum.StrEnum):
    """Where a value comes from, for people to read."""

    DEFAULT = "default"
    GLOBAL = "global"
    ACCOUNT = "account"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """`minimum` bounds numbers from below."""

    key: str
    default: Any
    type: type
    help: str
    minimum: float = 0

    def check(self, value: object) -> None:
        """Raises ValueError in words for the person who typed the value."""
        fits = isinstance(value, self.type) and type(value) is not bool
        if self.type is bool:
            fits = isinstance(value, bool)
        if not fits:
            raise ValueError(f"{self.key} must be of type {self.type.__name__}.")
        if isinstance(value, int | float) and value < self.minimum:
            raise ValueError(f"{self.key} must be {self.minimum} or more.")


@dataclass(frozen=True, slots=True)
class Resolved:
    value: Any
    source: Source

    @property
    def seconds(self) -> timedelta:
        """The value as a time, of a setting that is given in seconds."""
        return timedelta(seconds=self.value)


class UnknownSettingError(LookupError):
    """Nobody declared a setting of this name."""


_SPECS = [
    SettingSpec(
        "quarantine_seconds",
        90,
        int,
        "How long an export whose outcome is unknown rests before it is looked up.",
    ),
    SettingSpec(
        "poll_orders_seconds", 30, int, "How often Salesforce is read for orders.", 1
    ),
    SettingSpec(
        "poll_overlap_seconds",
        600,
        int,
        "How far each reading of Salesforce reaches back over the one before.",
    ),
    SettingSpec(
        "client_timeout_seconds", 25, int, "How long a remote call may take.", 1
    ),
    SettingSpec(
        "held_alarm_seconds",
        120,
        int,
        "After this time an order still held by us is an alarm.",
    ),
    SettingSpec(
        "linger_fulfillment_seconds",
        2,
        int,
        "How long fulfillment updates gather before they are written as a batch.",
    ),
    SettingSpec(
        "poll_shiphero_seconds", 60, int, "How often ShipHero is read for changes.", 1
    ),
    SettingSpec(
        "poll_shipments_seconds",
        900,
        int,
        "How often ShipHero's shipments are read again, to see those made void since.",
        1,
    ),
    SettingSpec(
        "shipment_window_days",
        7,
        int,
        "How many days back a shipment that was made void is still noticed.",
        1,
    ),
    SettingSpec(
        "api_share_background",
        0.8,
        float,
        "When more than this share of Salesforce's daily calls is used, by whomever, "
        "Salesforce is read four times less often.",
    ),
    SettingSpec(
        "reconcile_seconds",
        60,
        int,
        "How often unknown outcomes and held extras are looked for.",
        1,
    ),
    SettingSpec(
        "most_cancels",
        25,
        int,
        "More cancels or line removals than this within ten minutes pause the account.",
        1,
    ),
    SettingSpec(
        "check_webhooks_seconds",
        600,
        int,
        "How often the webhook registrations and their health are looked at.",
        1,
    ),
    SettingSpec(
        "restored_at",
        "",
        str,
        "When an older database was restored (set by `manage.py after_restore`). Orders "
        "activated earlier are looked up in ShipHero before they are created.",
    ),
]
REGISTRY: dict[str, SettingSpec] = {spec.key: spec for spec in _SPECS}


def spec_of(key: str) -> SettingSpec:
    try:
        return REGISTRY[key]
    except KeyError:
        raise UnknownSettingError(f"There is no setting named {key}.") from None


def lookup(
    key: str, *, account: Account | None = None, brand: Brand | None = None
) -> Resolved:
    """The value that holds for a brand, an account, or all, and where it stands.

    A brand implies its account. Raises UnknownSettingError.
    """
    spec = spec_of(key)
    account_id = brand.account_id if brand else account.pk if account else None
    rows = ScopedSetting.objects.filter(key=key)
    for source, value in _nearest_first(rows, account_id, brand.pk if brand else None):
        return Resolved(value, source)
    return Resolved(spec.default, Source.DEFAULT)


def assign(
    key: str,
    value: Any,
    *,
    actor: permissions.User,
    now: datetime,
    account: Account | None = None,
    brand: Brand | None = None,
) -> None:
    """Set a value for a brand, an account, or all; None takes it back to inherited.

    Raises PermissionDenied, UnknownSettingError, and ValueError for a value that the
    setting cannot have.
    """
    owner = brand.account if brand else account
    permissions.require(actor, permissions.CHANGE_CONFIG, owner)
    if owner is None and not permissions.sees_all(actor):
        raise PermissionDenied("You may change settings of your own accounts only.")
    if value is not None:
        spec_of(key).check(value)
    scope = {"brand": brand} if brand else {"account": account, "brand": None}
    with transaction.atomic():
        rows = ScopedSetting.objects.select_for_update().filter(key=key, **scope)
        before = rows.values_list("value", flat=True).first()
        rows.delete()
        if value is not None:
            ScopedSetting.objects.create(key=key, value=value, **scope)
        audit.record(
            action="change_setting",
            actor=actor,
            now=now,
            subject=brand or account,
            account=owner,
            before={key: before},
            after={key: value},
        )


def _nearest_first(
    rows: Iterable[ScopedSetting], account_id: int | None, brand_id: int | None
) -> list[tuple[Source, Any]]:
    found: dict[Source, Any] = {}
    for row in rows:
        if row.brand_id is not None:
            if row.brand_id == brand_id:
                found[Source.BRAND] = row.value
        elif row.account_id is None:
            found[Source.GLOBAL] = row.value
        elif row.account_id == account_id:
            found[Source.ACCOUNT] = row.value
    order = [Source.BRAND, Source.ACCOUNT, Source.GLOBAL]
    return [(source, found[source]) for source in order if source in found]
