"""What read-only fields of a record's page say, for people instead of for the admin."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.admin.helpers import AdminReadonlyField
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.utils.safestring import SafeString

from connectors.console import markup

WORDS = {True: "Yes", False: "No"}


def said(field: AdminReadonlyField) -> SafeString | str:
    """Yes and no in words, a time with its zone and age; else what the admin says.

    The admin shows “no” as a red cross, which reads as trouble where none is.
    """
    value = _value_of(field)
    if isinstance(value, bool):
        return WORDS[value]
    if isinstance(value, datetime):
        return markup.exact(value)
    return field.contents()


def _value_of(field: AdminReadonlyField) -> Any:
    name = field.field["field"]
    try:
        return lookup_field(name, field.form.instance, field.model_admin)[2]
    except (AttributeError, ValueError, ObjectDoesNotExist):
        return None
