"""Fix cards: for a cause, what helps, and the fix itself where it is one row of a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from connectors import catalogue
from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.casework import Cause
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.console.pages import address
from connectors.models import FailedPayload
from connectors.sync import config, map_actions
from connectors.sync.actions import ActionRefusedError
from orders.checks import CHOICES

User = AbstractBaseUser | AnonymousUser
MOST_CHOICES = 50


@dataclass(frozen=True, slots=True)
class MapFix:
    """One row more in a map: `words` ask for its values, `fields` are their names."""

    kind: str
    words: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A value that the fix needs; `choices` are offered, others may be typed."""

    name: str
    words: str
    choices: list[str]


@dataclass(frozen=True, slots=True)
class Card:
    """What a fix card shows; `values` are what can be mapped, `refusal` why not here."""

    title: str
    owner: str
    code: str
    cause: str
    what: str
    links: list[tuple[str, str]] = field(default_factory=list)
    map_fix: MapFix | None = None
    asked: list[Asked] = field(default_factory=list)
    value: str = ""
    refusal: str = ""


_MAP_FIXES = {
    "method.unmapped": MapFix(
        ConfigKind.SHIPPING_METHODS,
        "Ship it with",
        {"carrier": "Carrier", "method": "Method"},
    ),
    "sku.unmapped": MapFix(
        ConfigKind.SKU_ALIASES, "In the warehouse it is", {"to": "Warehouse SKU"}
    ),
}


def card_of(cause: Cause, failure: FailedPayload | None, user: User) -> Card:
    entry = catalogue.find(cause.code, kind=cause.error_kind)
    map_fix = _MAP_FIXES.get(cause.code)
    may = permissions.may(user, permissions.CHANGE_CONFIG, cause.account)
    value = value_of(cause.code, failure)
    return Card(
        title=entry.title if entry else cause.code,
        owner=cause.owner,
        code=cause.code,
        cause=entry.cause if entry else "",
        what=entry.fix if entry else "Correct what the reason names, then retry.",
        links=_links(cause, failure, may_configure=may),
        map_fix=map_fix if failure is not None else None,
        asked=_asked(map_fix, cause.account, value) if may else [],
        value=value,
        refusal="" if may else "An integrator may change maps.",
    )


def _asked(fix: MapFix | None, account: Account | None, value: str) -> list[Asked]:
    if fix is None or account is None:
        return []
    return [
        Asked(name, words, _choices(fix, account, name, value))
        for name, words in fix.fields.items()
    ]


def _choices(fix: MapFix, account: Account, name: str, value: str) -> list[str]:
    """SKUs that look alike; of carriers and methods those that the map has already."""
    if fix.kind == ConfigKind.SKU_ALIASES:
        one = map_actions.Unmapped(account, fix.kind, value)
        map_actions.suggest([one])
        return one.suggestions
    known = config.in_force(fix.kind, account).to_document().get("rows", [])
    return sorted({str(row[name]) for row in known if row.get(name)})[:MOST_CHOICES]


def value_of(code: str, failure: FailedPayload | None) -> str:
    """What the failure's own problem names as not mapped."""
    problems = failure.problems if failure is not None else []
    for problem in problems if isinstance(problems, list) else []:
        if isinstance(problem, dict) and problem.get("code") == code:
            return str(problem.get("value", ""))
    return ""


def _links(
    cause: Cause, failure: FailedPayload | None, *, may_configure: bool
) -> list[tuple[str, str]]:
    found = []
    in_salesforce = _in_salesforce(failure) if failure is not None else ""
    if in_salesforce:
        found.append(("Open one of them in Salesforce", in_salesforce))
    if may_configure and cause.account is not None and cause.code in CHOICES:
        of_check = f"{address('checks', cause.account.pk)}#{cause.code}"
        found.append(("Change this check", of_check))
    return found


def _in_salesforce(failure: FailedPayload) -> str:
    """The record's page in Salesforce, where the organization's address is known."""
    order = failure.order
    if order is None or failure.owner != "sales":
        return ""
    base = order.organization.instance_url
    is_web = base.startswith("https://")
    return f"{base.rstrip('/')}/{order.salesforce_id}" if is_web else ""


def apply(
    cause: Cause,
    failure: FailedPayload | None,
    data: Mapping[str, str],
    *,
    user: User,
    now: datetime,
) -> ConfigVersion:
    """Add the row to the newest version of the map; what waited for it goes on.

    Raises ActionRefusedError with words for people, PermissionDenied.
    """
    fix = _MAP_FIXES.get(cause.code)
    value = value_of(cause.code, failure)
    if fix is None or failure is None or cause.account is None or not value:
        raise ActionRefusedError("There is nothing to map here any more.")
    given = {name: data.get(name, "").strip() for name in fix.fields}
    empty = [
        fix.fields[name] for name in given if not given[name] and name != "carrier"
    ]
    if empty:
        raise ActionRefusedError(f"Fill in: {', '.join(empty)}.")
    try:
        return config.save(
            kind=fix.kind,
            document=_with_row(fix.kind, cause.account, {"from": value, **given}),
            user=user,
            now=now,
            account=cause.account,
            note=f"“{value}” mapped from its failure",
        )
    except ValueError as wrong:
        raise ActionRefusedError(str(wrong)) from wrong


def _with_row(kind: str, account: Account, row: Mapping[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = config.in_force(kind, account).to_document()
    return {**known, "rows": [*known.get("rows", []), dict(row)]}
