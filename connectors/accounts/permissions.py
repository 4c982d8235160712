"""Who may see which accounts, and who may do what. Services ask here."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from connectors.accounts.models import Account, AccountAccess

RETRY: Final = "operate.retry"
PAUSE: Final = "operate.pause"
SYNC_NOW: Final = "operate.sync_now"
HANDLED_OUTSIDE: Final = "operate.handled_outside"
LINK: Final = "operate.link"
DISMISS: Final = "operate.dismiss"
CHANGE_CONFIG: Final = "change_config"

OPERATIONS: Final = (
    RETRY,
    PAUSE,
    SYNC_NOW,
    HANDLED_OUTSIDE,
    LINK,
    DISMISS,
    CHANGE_CONFIG,
)
ALL_ACCOUNTS: Final = "accounts.all_accounts"

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
    if account is None:
        return True
    return accounts_for(user).filter(pk=account.pk).exists()


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
    return _has(user, ALL_ACCOUNTS) and not _named_for(user).exists()


def accounts_for(user: User | None) -> QuerySet[Account]:
    """The accounts a user may see: those named for the user, or all with the right to.

    A superuser sees all.
    """
    if user is None or not user.is_authenticated or not user.is_active:
        return Account.objects.none()
    if sees_all(user):
        return Account.objects.all()
    return Account.objects.filter(pk__in=_named_for(user).values("account"))


def _named_for(user: Any) -> QuerySet[AccountAccess]:
    return AccountAccess.objects.filter(user=user.pk)


def _has(user: object, name: str) -> bool:
    return isinstance(user, PermissionsMixin) and user.has_perm(name)
