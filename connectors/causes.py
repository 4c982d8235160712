"""One reason for many records: what two failures have in common. A rule.

A reason names what it is about in “quotes”: that stays, for another SKU is another
cause. What is the record's own outside of quotes (line numbers, ids, amounts of four
digits and more) does not tell causes apart.
"""

from __future__ import annotations

import hashlib
import re

_QUOTED = re.compile(r"(“[^”]*”|\"[^\"]*\")")
_OWN = re.compile(r"\b[\w-]*\d{4,}[\w-]*\b")
_INDEX = re.compile(r"\[\d+\]")
ANY = "…"


def title_of(reason: str) -> str:
    """The reason without what is one record's own.

    >>> title_of("Line 0000000134 has no SKU.")
    'Line … has no SKU.'
    >>> title_of("The SKU “TEE-2024” is not mapped.")
    'The SKU “TEE-2024” is not mapped.'
    """
    parts = _QUOTED.split(reason)
    return "".join(
        part if at % 2 else _OWN.sub(ANY, part) for at, part in enumerate(parts)
    ).strip()


def fingerprint_of(
    code: str, reason: str, scope: str, *, kind: str = "", field: str = ""
) -> str:
    """The cause's key: the same for all records it stops within one account.

    `scope` names the account or organization, such as `a7`; `kind` is the kind of
    work it stops, `field` the field it is about, without a line's number.
    """
    about = _INDEX.sub("[]", field)
    text = "\x1f".join((scope, kind, code, about, title_of(reason)))
    return hashlib.sha256(text.encode()).hexdigest()
