"""Pages over large tables without counting them."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

CAP = 2000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to a cap and no further: what lies beyond is found by search and filter."""

    cap = CAP

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows[: self.cap + 1].count()

    @property
    def is_capped(self) -> bool:
        return self.count > self.cap
