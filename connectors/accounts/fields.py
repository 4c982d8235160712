"""A model field that is plain in Python and sealed in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.lookups import IsNull

from connectors.accounts.encryption import UnreadableSecrets, decrypt, encrypt

if TYPE_CHECKING:
    Text = models.TextField[Any, Any]
else:
    Text = models.TextField


class EncryptedJSONField(Text):
    """Any JSON value, encrypted with SHIPSYNC_ENCRYPTION_KEYS.

    It cannot be searched: two encryptions of one value differ. Serializers and
    dumps see the ciphertext only.
    """

    description = "An encrypted JSON value"

    # What the type checker takes and gives for this field.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_lookup(self, lookup_name: str) -> type[IsNull] | None:
        return IsNull if lookup_name == "isnull" else None

    def from_db_value(self, value: str | None, *_args: object) -> Any:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, UnreadableSecrets):
            return value.ciphertext
        return encrypt(value)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""
