"""Pages over large tables without counting them."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.utils.functional import cached_property

CAP = 2000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to a cap and no further: what lies beyond is found by search and filter."""

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        rows = self.object_list
        return int(rows[: CAP + 1].count())  # type: ignore[union-attr,call-arg]

    @property
    def is_capped(self) -> bool:
        return self.count > CAP
