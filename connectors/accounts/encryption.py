"""Secrets at rest: authenticated encryption with keys of our own, newest first."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from connectors.errors import AuthError

UNREADABLE = (
    "The stored secrets cannot be read with this server's encryption keys. "
    "Add the old key to SHIPSYNC_ENCRYPTION_KEYS or enter the secrets again."
)


class UnreadableSecrets(dict[str, Any]):
    """Stands for secrets whose key is missing.

    Rows that hold them can be listed and saved without loss; using them raises
    AuthError.
    """

    def __init__(self, ciphertext: str) -> None:
        super().__init__()
        self.ciphertext = ciphertext

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise AuthError(UNREADABLE, code="shipsync.unreadable_secrets")

    __getitem__ = _refuse
    __contains__ = _refuse
    __iter__ = _refuse
    get = _refuse
    items = _refuse
    keys = _refuse
    values = _refuse


def keyring() -> MultiFernet:
    """Raises AuthError when the settings hold no usable key."""
    try:
        return MultiFernet([Fernet(key) for key in settings.SHIPSYNC_ENCRYPTION_KEYS])
    except ValueError as error:
        raise AuthError(
            "SHIPSYNC_ENCRYPTION_KEYS holds no usable key.",
            code="shipsync.encryption_keys",
        ) from error


def encrypt(value: object) -> str:
    """`value` is anything JSON can say."""
    return keyring().encrypt(json.dumps(value).encode()).decode("ascii")


def decrypt(ciphertext: str) -> Any:
    """What was encrypted, or UnreadableSecrets when no key fits."""
    try:
        plain = keyring().decrypt(ciphertext.encode())
    except (InvalidToken, AuthError):
        return UnreadableSecrets(ciphertext)
    return json.loads(plain)
