"""Lists as GraphQL gives them: nodes, and where the next page begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.shiphero.values import Node, text_of


def nodes_of(connection: Any) -> list[Node]:
    edges = connection.get("edges") if isinstance(connection, Mapping) else None
    found = [edge.get("node") for edge in edges or [] if isinstance(edge, Mapping)]
    return [node for node in found if isinstance(node, Mapping)]


def next_cursor(connection: Any) -> str | None:
    """Where the next page begins; None at the end."""
    page = connection.get("pageInfo") if isinstance(connection, Mapping) else None
    if not isinstance(page, Mapping) or not page.get("hasNextPage"):
        return None
    return text_of(page.get("endCursor"))


def is_unfinished(connection: Any) -> bool:
    return next_cursor(connection) is not None
