"""Which rows a user sees: those of the user's accounts, and what stands above them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from connectors.accounts import permissions
from connectors.accounts.models import Account, AccountAccess

Filter = Callable[["Scope"], Q]

_CACHED_AS = "_console_scope"
_ACCOUNTS_AS = "_console_accounts"
MOST_ACCOUNTS = 200


@dataclass(frozen=True, slots=True)
class Scope:
    """The keys of what a user may see; `everything` means that no limit was set.

    Of `accounts`, those in `whole` are seen with all they hold, the others through
    some of their `brands`.
    """

    everything: bool
    accounts: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset()
    brands: frozenset[int] = frozenset()
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
    """One query: the accounts named for the user say both whether and to what."""
    if not (user.is_authenticated and user.is_active):
        return Scope(everything=False)
    if getattr(user, "is_superuser", False):
        return Scope(everything=True)
    rows = AccountAccess.objects.filter(user_id=user.pk).values_list(
        "account",
        "brand",
        "account__organization_id",
        "account__credential_id",
        "account__organization__credential_id",
    )
    seen: list[Any] = list(rows)
    permissions.remember(user, frozenset((row[0], row[1]) for row in seen))
    has_right = getattr(user, "has_perm", lambda _name: False)
    if not seen and has_right(permissions.ALL_ACCOUNTS):
        return Scope(everything=True)
    return Scope(
        everything=False,
        accounts=frozenset(row[0] for row in seen),
        whole=frozenset(row[0] for row in seen if row[1] is None),
        brands=frozenset(row[1] for row in seen if row[1] is not None),
        organizations=frozenset(row[2] for row in seen),
        credentials=frozenset({row[3] for row in seen} | {row[4] for row in seen}),
    )


def accounts_of(user: permissions.User) -> list[Account]:
    """The user's accounts with their logins, read once per request."""
    known = getattr(user, _ACCOUNTS_AS, None)
    if isinstance(known, list):
        return known
    rows = Account.objects.select_related("credential", "organization__credential")
    scope = scope_of(user)
    if not scope.everything:
        rows = rows.filter(pk__in=scope.accounts)
    found = list(rows.order_by("name")[:MOST_ACCOUNTS])
    setattr(user, _ACCOUNTS_AS, found)
    return found


def by_account(path: str = "account", *, brand: str = "") -> Filter:
    """Rows whose account, found at `path`, is one of the user's.

    `brand` is where the row's brand is found: of an account that the user sees through
    a brand, its rows alone are shown. Without it the row is shared by all brands.
    """

    def matches(scope: Scope) -> Q:
        if not (brand and scope.brands):
            return Q(**{f"{path}__in": scope.accounts})
        of_brand = Q(**{f"{brand}__in": scope.brands})
        return Q(**{f"{path}__in": scope.whole}) | of_brand

    return matches


def by_whole_account(path: str = "account") -> Filter:
    """Rows that tell of every brand of their account."""
    return lambda scope: Q(**{f"{path}__in": scope.whole})


def shared_or_by_brand(scope: Scope) -> Q:
    """Rows of the user's accounts that are of no brand, or of one that is seen."""
    seen = Q(account__in=scope.whole) | Q(brand=None) | Q(brand__in=scope.brands)
    return Q(account__in=scope.accounts) & seen


def by_account_or_organization(*, order: str = "", brand: str = "") -> Filter:
    """Rows of the user's accounts, and rows of their organizations as a whole.

    A row of an organization that is about one order (found at `order`) is shown
    only if that order is not another account's, or another brand's.
    """
    of_accounts = by_account(brand=f"{order}__brand" if order else brand)

    def matches(scope: Scope) -> Q:
        whole = Q(account=None, organization__in=scope.organizations)
        if order:
            of_order = by_account(f"{order}__account", brand=f"{order}__brand")
            whole &= (
                Q(**{f"{order}__isnull": True})
                | Q(**{f"{order}__account__isnull": True})
                | of_order(scope)
            )
        return of_accounts(scope) | whole

    return matches


def by_key(name: str) -> Filter:
    """Rows that are themselves in the scope: `accounts`, `organizations`, …"""
    return lambda scope: Q(pk__in=getattr(scope, name))


def for_all(_scope: Scope) -> Q:
    """Rows about the installation itself, which everybody sees."""
    return Q()
