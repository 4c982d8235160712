"""Pages of connections: offsets in disguise."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

    from connectors.sandbox.shiphero.envelope import Context
    from connectors.sandbox.world import Document

PREFIX = "arrayconnection:"
DEFAULT_FIRST = 100


def cursor(offset: int) -> str:
    return base64.b64encode(f"{PREFIX}{offset}".encode()).decode()


def offset_of(text: str | None, otherwise: int) -> int:
    try:
        decoded = base64.b64decode(text or "", validate=True).decode()
        return int(decoded.removeprefix(PREFIX))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return otherwise


def page(
    info: GraphQLResolveInfo[Any],
    rows: list[Document] | None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    **_: Any,
) -> Document | None:
    """A window by offsets: rows that shift between pages are missed or repeated."""
    if rows is None:
        return None
    start = offset_of(after, -1) + 1
    end = min(len(rows), offset_of(before, len(rows)))
    if first is None and last is None:
        first = DEFAULT_FIRST
    if first is not None:
        end = min(end, start + max(0, first))
    if last is not None:
        start = max(start, end - max(0, last))
    context: Context = info.context
    shown = rows[start:end]
    context.rows[tuple(info.path.as_list())] = len(shown)
    return {
        "total_count": len(rows),
        "pageInfo": {
            "hasNextPage": end < len(rows),
            "hasPreviousPage": start > 0,
            "startCursor": cursor(start) if shown else None,
            "endCursor": cursor(start + len(shown) - 1) if shown else None,
        },
        "edges": [
            {"cursor": cursor(start + n), "node": row} for n, row in enumerate(shown)
        ],
    }
