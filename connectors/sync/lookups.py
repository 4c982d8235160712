"""Which versions are in force, looked up once for many documents or many owners."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from connectors.accounts.models import Account, Organization
from connectors.config_versions import ConfigVersion

_known: ContextVar[dict[Any, Any] | None] = ContextVar("known_versions", default=None)


def are_together() -> bool:
    return _known.get() is not None


@contextmanager
def read_together() -> Iterator[None]:
    """Within, what is in force is looked up once for an account and an organization,
    not once for each document: for pages, which need all of them.
    """
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


@contextmanager
def read_for(
    *, accounts: Sequence[Account] = (), organizations: Sequence[Organization] = ()
) -> Iterator[None]:
    """The same for many at once: what is in force for all of them is looked up here."""
    with read_together():
        known = _known.get() or {}
        known.update({("account", one.pk): {} for one in accounts})
        known.update({("organization", one.pk): {} for one in organizations})
        rows = ConfigVersion.objects.filter(account__in=accounts)
        for row in _newest_of_each(rows, "account").defer("document"):
            of_account = known[("account", row.account_id)]
            of_account[row.kind] = (row.pk, row.created_at)
        whole = ConfigVersion.objects.filter(
            organization__in=organizations, account=None
        )
        for row in _newest_of_each(whole, "organization"):
            known[("organization", row.organization_id)][row.kind] = row
        _known.set(known)
        yield


def keys_of(account: Account) -> dict[str, tuple[int, datetime]]:
    def read() -> Any:
        rows = _newest_of_each(ConfigVersion.objects.filter(account=account))
        found = rows.values_list("kind", "pk", "created_at")
        return {kind: (pk, at) for kind, pk, at in found}

    keys: dict[str, tuple[int, datetime]] = _once(("account", account.pk), read)
    return keys


def of_organization(organization: Organization) -> dict[str, ConfigVersion]:
    def read() -> Any:
        mine = ConfigVersion.objects.filter(organization=organization, account=None)
        return {row.kind: row for row in _newest_of_each(mine)}

    found: dict[str, ConfigVersion] = _once(("organization", organization.pk), read)
    return found


def _once(key: tuple[str, int], read: Callable[[], Any]) -> Any:
    known = _known.get()
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    return known[key]


def _newest_of_each(
    rows: QuerySet[ConfigVersion], *owner: str
) -> QuerySet[ConfigVersion]:
    kinds = rows.order_by().values("kind", *owner)
    last = kinds.annotate(last=Max("pk")).values("last")
    return ConfigVersion.objects.filter(pk__in=last)
