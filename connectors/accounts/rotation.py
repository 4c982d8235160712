"""Sealing every stored secret anew with the newest encryption key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.db import models, transaction

from connectors.accounts.encryption import UnreadableSecrets
from connectors.accounts.fields import EncryptedJSONField


@dataclass(slots=True)
class Rotation:
    """`unreadable` names the rows that no key fits; they stay as they are."""

    rotated: int = 0
    unreadable: list[str] = field(default_factory=list)


def rotate_all() -> Rotation:
    """Re-encrypt each row's secrets, row by row, so that workers may go on meanwhile."""
    rotation = Rotation()
    for model, names in encrypted_models():
        for pk in model._default_manager.values_list("pk", flat=True).order_by("pk"):
            _rotate_row(model, pk, names, rotation)
    return rotation


def encrypted_models() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every model of ours with its encrypted fields, whichever app it is in."""
    for model in apps.get_models():
        names = [
            column.name
            for column in model._meta.concrete_fields
            if isinstance(column, EncryptedJSONField)
        ]
        if names:
            yield model, names


def _rotate_row(
    model: type[models.Model], pk: object, names: list[str], rotation: Rotation
) -> None:
    with transaction.atomic():
        rows = model._default_manager.select_for_update().filter(pk=pk)
        for row in rows:  # none, when it was deleted meanwhile
            values = {name: getattr(row, name) for name in names}
            if any(isinstance(value, UnreadableSecrets) for value in values.values()):
                rotation.unreadable.append(f"{model._meta.verbose_name} {row}")
                continue
            # Written from plain: encrypting always takes the newest key.
            rows.update(**values)
            rotation.rotated += 1
