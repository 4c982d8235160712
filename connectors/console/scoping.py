"""Which rows a user sees: those of the user's accounts, and what stands above them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from connectors.accounts import permissions
from connectors.accounts.models import Account, AccountAccess

Filter = Callable[["Scope"], Q]

_CACHED_AS = "_console_scope"


@dataclass(frozen=True, slots=True)
class Scope:
    """The keys of what a user may see; `everything` means that no limit was set."""

    everything: bool
    accounts: frozenset[int] = frozenset()
    organizations: frozenset[int] = frozenset()
    credentials: frozenset[int] = frozenset()


def scope_of(user: permissions.User) -> Scope:
    """The user's scope, read once per request (it is kept on the user)."""
    known = getattr(user, _CACHED_AS, None)
    if isinstance(known, Scope):
        return known
    scope = _read(user)
    setattr(user, _CACHED_AS, scope)
    return scope


def _read(user: permissions.User) -> Scope:
    if _sees_everything(user):
        return Scope(everything=True)
    rows = permissions.accounts_for(user).values_list(
        "pk", "organization_id", "credential_id", "organization__credential_id"
    )
    seen = list(rows)
    return Scope(
        everything=False,
        accounts=frozenset(row[0] for row in seen),
        organizations=frozenset(row[1] for row in seen),
        credentials=frozenset({row[2] for row in seen} | {row[3] for row in seen}),
    )


def _sees_everything(user: permissions.User) -> bool:
    if not (user.is_authenticated and user.is_active):
        return False
    if getattr(user, "is_superuser", False):
        return True
    has_right = getattr(user, "has_perm", lambda _name: False)
    if not has_right(permissions.ALL_ACCOUNTS):
        return False
    return not AccountAccess.objects.filter(user_id=user.pk).exists()


def by_account(path: str = "account") -> Filter:
    """Rows whose account, found at `path`, is one of the user's."""
    return lambda scope: Q(**{f"{path}__in": scope.accounts})


def by_account_or_organization(*, order: str = "") -> Filter:
    """Rows of the user's accounts, and rows of their organizations as a whole.

    A row of an organization that is about one order (found at `order`) is shown
    only if that order is not another account's.
    """

    def matches(scope: Scope) -> Q:
        whole = Q(account=None, organization__in=scope.organizations)
        if order:
            whole &= (
                Q(**{f"{order}__isnull": True})
                | Q(**{f"{order}__account__isnull": True})
                | Q(**{f"{order}__account__in": scope.accounts})
            )
        return Q(account__in=scope.accounts) | whole

    return matches


def by_key(name: str) -> Filter:
    """Rows that are themselves in the scope: `accounts`, `organizations`, …"""
    return lambda scope: Q(pk__in=getattr(scope, name))


def for_all(_scope: Scope) -> Q:
    """Rows about the installation itself, which everybody sees."""
    return Q()


def visible_accounts(user: permissions.User) -> list[Account]:
    return list(permissions.accounts_for(user).only("pk", "name"))
