"""The signed link with which a mail lets its reader end mail about its cause."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

VALID = timedelta(days=90)
_SALT = "connectors.muting"


def sign(user_id: int, cause_id: int) -> str:
    return signing.dumps([user_id, cause_id], salt=_SALT)


def read(text: str) -> tuple[int, int] | None:
    """The user's and the cause's key; None for what is not ours, or too old."""
    try:
        user_id, cause_id = signing.loads(text, salt=_SALT, max_age=VALID)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return int(user_id), int(cause_id)
