"""Whether a delivery was signed by the one who says so. Bytes in, a verdict out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

SIGNATURE_HEADER: Final = "X-Shiphero-Hmac-Sha256"
# Base64 of 32 bytes.
SIGNATURE_LENGTH: Final = 44
CURRENT: Final = "current"
# Keeps an unknown sender as busy as a known one.
NOBODYS_SECRETS: Final[Mapping[str, bytes]] = {"nobody": b"nobody"}


def sign(secret: bytes, body: bytes) -> bytes:
    """The header's value: base64 of HMAC-SHA256 over the raw body.

    ShipHero's key is the shared signature secret as UTF-8 text
    (developer.shiphero.com/webhooks).
    """
    return base64.b64encode(hmac.digest(secret, body, hashlib.sha256))


def find_signer(
    given: str | None, *, body: bytes, secrets: Mapping[str, bytes]
) -> str | None:
    """The name of the secret that made the signature, None when none of them did.

    Every secret is tried in constant time. A header of any other shape than one
    signature (hex, two values, not ASCII) is nobody's, and never an error.
    """
    if given is None or len(given) != SIGNATURE_LENGTH:
        return None
    presented = given.encode("utf-8", "surrogatepass")
    found = None
    for name, secret in secrets.items():
        if hmac.compare_digest(sign(secret, body), presented):
            found = name
    return found


def active_secrets(
    stored: Mapping[str, Any], *, not_after: datetime | None, now: datetime
) -> dict[str, bytes]:
    """The secrets of a registration that count at `now`, by name.

    `stored` is `{"current": text, "previous": text, "previous_not_after": ISO time}`;
    `not_after` ends the current one. A previous secret without a readable end is over.
    """
    return {
        name: secret.encode()
        for name, secret, end in _dated(stored, not_after)
        if isinstance(secret, str) and secret and (end is None or now <= end)
    }


def _dated(
    stored: Mapping[str, Any], not_after: datetime | None
) -> Iterator[tuple[str, Any, datetime | None]]:
    yield CURRENT, stored.get(CURRENT), not_after
    end = _moment(stored.get("previous_not_after"))
    if end is not None:
        yield "previous", stored.get("previous"), end


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
