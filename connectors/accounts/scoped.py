"""Settings that a brand inherits from its account and an account from all."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from connectors import batch
from connectors.accounts import audit, permissions
from connectors.accounts.models import Account, Brand, ScopedSetting
from connectors.accounts.setting_specs import SPECS, SettingSpec


class Source(enum.StrEnum):
    """Where a value comes from, for people to read."""

    DEFAULT = "default"
    GLOBAL = "global"
    ACCOUNT = "account"
    BRAND = "brand"


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


REGISTRY: dict[str, SettingSpec] = {spec.key: spec for spec in SPECS}


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
    rows = _rows([key])
    for source, value in _nearest_first(rows, account_id, brand.pk if brand else None):
        return Resolved(value, source)
    return Resolved(spec.default, Source.DEFAULT)


def lookup_by_account(keys: Collection[str]) -> dict[str, dict[int | None, Any]]:
    """The values of several settings by account, in one query; None is all others."""
    found: dict[str, dict[int | None, Any]] = {
        key: {None: spec_of(key).default} for key in keys
    }
    rows = ScopedSetting.objects.filter(key__in=keys, brand=None).order_by()
    for key, account_id, value in rows.values_list("key", "account_id", "value"):
        found[key][account_id] = value
    return found


def lookup_many(
    keys: Collection[str], *, account: Account | None = None
) -> dict[str, Any]:
    """The values that hold for an account, or all, by key, in one query."""
    found: dict[str, list[ScopedSetting]] = {key: [] for key in keys}
    for row in _rows(keys):
        if row.brand_id is None:
            found[row.key].append(row)
    account_id = account.pk if account else None
    values = {key: spec_of(key).default for key in keys}
    for key, rows in found.items():
        for _source, value in _nearest_first(rows, account_id, None)[:1]:
            values[key] = value
    return values


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


def _rows(keys: Collection[str]) -> list[ScopedSetting]:
    if not batch.is_open():
        return list(ScopedSetting.objects.filter(key__in=keys))
    every = batch.once("settings", lambda: list(ScopedSetting.objects.all()))
    return [row for row in every if row.key in keys]


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
