"""Who may see which accounts, and who may do what. Services ask here."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet

from connectors.accounts.models import (
    Account,
    AccountAccess,
    Credential,
    Organization,
)

RETRY: Final = "operate.retry"
PAUSE: Final = "operate.pause"
SYNC_NOW: Final = "operate.sync_now"
HANDLED_OUTSIDE: Final = "operate.handled_outside"
LINK: Final = "operate.link"
DISMISS: Final = "operate.dismiss"
OVERRIDE: Final = "operate.override"
CHANGE_CONFIG: Final = "change_config"

OPERATIONS: Final = (
    RETRY,
    PAUSE,
    SYNC_NOW,
    HANDLED_OUTSIDE,
    LINK,
    DISMISS,
    OVERRIDE,
    CHANGE_CONFIG,
)
# What concerns all brands of an account: not for those who see one of them.
OF_WHOLE_ACCOUNTS: Final = frozenset({PAUSE, CHANGE_CONFIG})
ALL_ACCOUNTS: Final = "accounts.all_accounts"
_CACHED_AS: Final = "_named_accounts"

User = AbstractBaseUser | AnonymousUser


def django_name(operation: str) -> str:
    """`operate.retry` as Django spells it: `accounts.operate_retry`.

    Raises ValueError for an operation that nobody declared.
    """
    if operation not in OPERATIONS:
        raise ValueError(f"There is no operation named {operation}.")
    return "accounts." + operation.replace(".", "_")


def may(user: User | None, operation: str, account: Account | None = None) -> bool:
    """Whether the user may do this, to this account when one is given."""
    name = django_name(operation)
    if not _has(user, name):
        return False
    if account is None or sees_all(user):
        return True
    if operation in OF_WHOLE_ACCOUNTS:
        return (account.pk, None) in _named_for(user)
    return sees(user, account)


def may_shared(user: User | None, operation: str, shared: Model) -> bool:
    """Whether the user may do this to an organization or a login: to all on it."""
    if not may(user, operation):
        return False
    if sees_all(user):
        return True
    theirs = whole_accounts_for(user).values("pk")
    return not _accounts_on(shared).exclude(pk__in=theirs).exists()


def require_shared(user: User | None, operation: str, shared: Model) -> None:
    """Raises PermissionDenied, with words for people, when `may_shared` says no."""
    if not may_shared(user, operation, shared):
        raise PermissionDenied(
            f"You may not do this: it concerns every account of {shared}."
        )


def _accounts_on(row: Model) -> QuerySet[Account]:
    """The accounts that a change of a shared row would touch."""
    if isinstance(row, Organization):
        return Account.objects.filter(organization=row)
    if isinstance(row, Credential):
        of_organization = Q(organization__credential=row)
        return Account.objects.filter(Q(credential=row) | of_organization)
    return Account.objects.none()


def sees(user: User | None, account: Account) -> bool:
    """Whether the account, or a brand of it, is the user's to see."""
    return sees_all(user) or account.pk in {one for one, _brand in _named_for(user)}


def sees_brand(user: User | None, account_id: int, brand_id: int | None) -> bool:
    """Whether what belongs to this brand of the account is the user's to see."""
    named = _named_for(user)
    return (
        sees_all(user)
        or (account_id, None) in named
        or (brand_id is not None and (account_id, brand_id) in named)
    )


def require(user: User | None, operation: str, account: Account | None = None) -> None:
    """Raises PermissionDenied, with words for people, when `may` says no."""
    if not may(user, operation, account):
        where = f" in {account}" if account is not None else ""
        words = operation.removeprefix("operate.").replace("_", " ")
        raise PermissionDenied(f"You may not do this{where}: {words}.")


def sees_all(user: User | None) -> bool:
    """Whether no account is hidden from the user, not even a future one."""
    if user is None or not user.is_active:
        return False
    if getattr(user, "is_superuser", False):
        return True
    return _has(user, ALL_ACCOUNTS) and not _named_for(user)


def accounts_for(user: User | None) -> QuerySet[Account]:
    """The accounts a user may see: those named for the user, or all with the right to.

    Of some the user may see a brand only. A superuser sees all.
    """
    return _accounts(user, {account for account, _brand in _named_for(user)})


def of_seen_accounts(user: User | None) -> Q:
    """Rows of no account, and of those that the user sees, by their `account`."""
    if sees_all(user):
        return Q()
    return Q(account=None) | Q(account__in=accounts_for(user))


def whole_accounts_for(user: User | None) -> QuerySet[Account]:
    """Those of the accounts that the user sees with all their brands."""
    named = _named_for(user)
    return _accounts(user, {account for account, brand in named if brand is None})


def _accounts(user: User | None, named: set[int]) -> QuerySet[Account]:
    if user is None or not user.is_authenticated or not user.is_active:
        return Account.objects.none()
    if sees_all(user):
        return Account.objects.all()
    return Account.objects.filter(pk__in=named)


def remember(user: Any, named: frozenset[tuple[int, int | None]]) -> None:
    """Take over what somebody else has just read of the accounts named for the user."""
    setattr(user, _CACHED_AS, named)


def _named_for(user: Any) -> frozenset[tuple[int, int | None]]:
    """The accounts named for the user, each with the brand it is limited to, if any.

    Read once for each time the user is read, as Django keeps a user's permissions.
    """
    if user is None or user.pk is None:
        return frozenset()
    known = getattr(user, _CACHED_AS, None)
    if not isinstance(known, frozenset):
        rows = AccountAccess.objects.filter(user=user.pk)
        known = frozenset(rows.values_list("account", "brand"))
        setattr(user, _CACHED_AS, known)
    return known


def _has(user: object, name: str) -> bool:
    return isinstance(user, PermissionsMixin) and user.has_perm(name)
