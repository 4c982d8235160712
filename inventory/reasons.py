"""What stands behind a movement of stock, as far as its text tells."""

from __future__ import annotations

import re
from typing import Final

from inventory.records import Reason

# No list of ShipHero's reasons exists, so their words are kept beside this reading.
WORDS: Final = (
    (Reason.RETURN, re.compile(r"\b(return|rma|restock(ed)? from)", re.I)),
    (Reason.ORDER, re.compile(r"\b(order|shipp?(ed|ment)|fulfil)", re.I)),
    (Reason.RECEIPT, re.compile(r"\b(po|purchase|receiv|restock|inbound)", re.I)),
    (Reason.COUNT, re.compile(r"\b(count|adjust|found|audit|correct)", re.I)),
    (Reason.TRANSFER, re.compile(r"\b(transfer|moved?|replenish)", re.I)),
)
REFERENCE: Final = re.compile(
    r"(?:order|return|rma|po|purchase order|shipment)\s*(?:number|no\.?|#|:)?\s*"
    r"#?([A-Z0-9][A-Z0-9-]*\d[A-Z0-9-]*)",
    re.I,
)


def reason_of(text: str) -> Reason:
    """The kind of event; UNTOLD for no text, OTHER for words of no known kind."""
    if not text.strip():
        return Reason.UNTOLD
    return next((reason for reason, words in WORDS if words.search(text)), Reason.OTHER)


def reference_in(text: str) -> str:
    """The order, return or purchase that a text names, or nothing."""
    found = REFERENCE.search(text)
    return found[1][:120] if found else ""
