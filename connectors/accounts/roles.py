"""The five roles, made and completed after every migration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet

from connectors.accounts import permissions

OUR_APPS = ("accounts", "orders", "inventory", "connectors")

_OPERATOR = (
    permissions.RETRY,
    permissions.SYNC_NOW,
    permissions.HANDLED_OUTSIDE,
    permissions.LINK,
    permissions.DISMISS,
    permissions.OVERRIDE,
)
_LEAD = (*_OPERATOR, permissions.PAUSE)
ROLES: dict[str, tuple[str, ...]] = {
    "viewer": (),
    "operator": _OPERATOR,
    "lead": _LEAD,
    "integrator": (*_LEAD, permissions.CHANGE_CONFIG),
    "auditor": (),
}

# What an integrator may add and change by form; nobody deletes by role.
CONFIGURATION = (
    "credential",
    "organization",
    "account",
    "brand",
    "scopedsetting",
    "accountaccess",
)
# The same of what an operator's warehouse tells nobody: its hours, its units.
OF_STOCK = ("warehouse", "holiday", "transittime", "unitfactor")
STOCK_VERBS = ("add", "change", "delete")


def seed_after_migrate(sender: AppConfig, using: str, **_kwargs: Any) -> None:
    """Receiver of post_migrate, which Django sends once per app."""
    if sender.label in OUR_APPS:
        seed(using=using)


def seed(*, using: str = "default") -> None:
    """Make the groups and add what they lack; what people added to them stays."""
    for name, operations in ROLES.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(*_permissions_of(name, operations, using))


def _permissions_of(
    name: str, operations: tuple[str, ...], using: str
) -> QuerySet[Permission]:
    ours = Permission.objects.using(using).filter(content_type__app_label__in=OUR_APPS)
    wanted = ours.filter(codename__startswith="view_") | ours.filter(
        content_type__app_label="accounts",
        codename__in=[
            "all_accounts",
            *(permissions.django_name(op).split(".")[1] for op in operations),
        ],
    )
    if name == "integrator":
        verbs = [
            f"{verb}_{model}" for verb in ("add", "change") for model in CONFIGURATION
        ]
        wanted |= ours.filter(content_type__app_label="accounts", codename__in=verbs)
        of_stock = [f"{verb}_{model}" for verb in STOCK_VERBS for model in OF_STOCK]
        wanted |= ours.filter(
            content_type__app_label="inventory", codename__in=of_stock
        )
    return wanted
