"""Which failures a page, a retry or an export means: the choices in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from connectors.accounts.models import Account
from connectors.casework import BulkRetry, BulkRetryItem, Cause
from connectors.console.scoping import (
    accounts_of,
    by_account_or_organization,
    scope_of,
)
from connectors.errors import Owner
from connectors.models import FailedPayload

OF_FAILURES = by_account_or_organization(order="order")
NAMES = ("show", "owner", "account")


@dataclass(frozen=True, slots=True)
class Choice:
    """Open failures as they were chosen.

    `given` are the choices that count, for the addresses of what acts on the same rows.
    """

    rows: QuerySet[FailedPayload]
    words: str
    given: dict[str, str]


def failures_of(user: Any) -> QuerySet[FailedPayload]:
    """The failures that the user may see."""
    rows = FailedPayload.objects.all()
    scope = scope_of(user)
    return rows if scope.everything else rows.filter(OF_FAILURES(scope))


def retries_of(user: Any) -> QuerySet[BulkRetry]:
    """The retries of many in which a failure is the user's to see."""
    rows = BulkRetry.objects.select_related("cause", "created_by")
    if scope_of(user).everything:
        return rows
    items = BulkRetryItem.objects.filter(
        retry=OuterRef("pk"), failure__in=failures_of(user).values("pk")
    )
    return rows.filter(Exists(items))


def assigned_to(user: Any) -> QuerySet[Any, Any]:
    """The fingerprints of the causes that the user sees to."""
    return Cause.objects.filter(assigned_to=user.pk).values("fingerprint")


def chosen(user: Any, wanted: Mapping[str, str]) -> Choice:
    """The open failures that the choices name; what is no choice is passed over."""
    rows = failures_of(user).filter(closed_at=None)
    words, given = "All open failures", {}
    if wanted.get("show") == "mine":
        rows = rows.filter(fingerprint__in=assigned_to(user))
        words, given["show"] = "All open failures that you see to", "mine"
    owner = wanted.get("owner", "")
    if owner in set(Owner):
        rows = rows.filter(owner=owner)
        words, given["owner"] = f"{words} for {owner}", owner
    account = _account(user, wanted.get("account", ""))
    if account is not None:
        rows = rows.filter(account=account)
        words, given["account"] = f"{words} of {account}", str(account.pk)
    return Choice(rows, words, given)


def _account(user: Any, key: str) -> Account | None:
    return next((row for row in accounts_of(user) if str(row.pk) == key), None)
