"""Signing in as Django does it, with all permissions of a person read at once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Q

_CACHED_AS = "_perm_cache"


class OneReadBackend(ModelBackend):
    """Every page asks for permissions: Django takes two statements, this takes one."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if not hasattr(user_obj, _CACHED_AS):
            setattr(user_obj, _CACHED_AS, _permissions_of(user_obj))
        known: set[str] = getattr(user_obj, _CACHED_AS)
        return known


def _permissions_of(user: Any) -> set[str]:
    """Those of the person and of the person's groups; all of them for a superuser."""
    rows = Permission.objects.order_by()
    if not user.is_superuser:
        own = type(user).user_permissions.through.objects.filter(user=user)
        of_groups = Permission.group_set.through.objects.filter(group__user=user)
        rows = rows.filter(
            Q(pk__in=own.values("permission"))
            | Q(pk__in=of_groups.values("permission"))
        )
    names = rows.values_list("content_type__app_label", "codename")
    return {f"{label}.{codename}" for label, codename in names}
