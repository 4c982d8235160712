"""What moved in the warehouse that we did not move, judged by who owns it. A rule."""

from __future__ import annotations

import re
from typing import Any

from orders.records import MISSING, Address, RemoteOrder

Picture = dict[str, Any]

_NOISE = re.compile(r"[^\w]+")
# The source owns these; e-mail and phone follow the order's, not the address's.
PARTS = (
    *("first_name", "last_name", "company", "address1", "address2"),
    *("city", "state", "zip", "country"),
)


def address_fixed_there(accepted: Picture, remote: RemoteOrder) -> dict[str, str]:
    """The parts of the address that staff changed: what stands there, by part.

    Case, spaces, punctuation and a longer postal code are the warehouse's way of
    writing, and no change. What was not read says nothing.
    """
    ours = accepted.get("ship_to")
    if not ours or not isinstance(remote.ship_to, Address):
        return {}
    theirs = remote.ship_to
    return {
        part: getattr(theirs, part)
        for part in PARTS
        if not _is_alike(part, str(ours.get(part, "")), getattr(theirs, part))
    }


def _is_alike(part: str, ours: str, theirs: str) -> bool:
    one, other = _plain(ours), _plain(theirs)
    if part == "zip" and one and other:
        return other.startswith(one) or one.startswith(other)
    return one == other


def _plain(text: str) -> str:
    return _NOISE.sub("", text).casefold()


def is_ours_to_judge(remote: RemoteOrder) -> bool:
    """Only while it is open: an ended order's address is history."""
    shipped = any(not shipment.is_void for shipment in remote.shipments or ())
    merged = remote.merged_into is not MISSING and bool(remote.merged_into)
    return not (remote.is_canceled or shipped or merged)
