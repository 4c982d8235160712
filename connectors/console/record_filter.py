"""Filters of a list by another record."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

MOST_CHOICES = 200


class ScopedFilter(admin.RelatedFieldListFilter):
    """By another record; Django's own would name those of everybody."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        page = model_admin.admin_site._registry[field.remote_field.model]
        return [(row.pk, str(row)) for row in page.get_queryset(request)[:MOST_CHOICES]]


def is_record(model: type[Model], name: Any) -> bool:
    return isinstance(name, str) and bool(model._meta.get_field(name).is_relation)
