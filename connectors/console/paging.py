"""Pages over large tables without counting them."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from connectors.console.searching import EVERYWHERE, Span

CAP = 2000
OLDER, NEWER = "before", "after"  # parameters: the key at which a page ends


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


def span_in(request: HttpRequest) -> Span:
    """Where the page that is asked for begins; nonsense is the newest page."""
    newer, older = (_number(request.GET.get(name, "")) for name in (NEWER, OLDER))
    if newer is not None:
        return Span(above=newer)
    return Span(below=older) if older is not None else EVERYWHERE


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class EndlessList(ChangeList):
    """The newest first, a page older or newer at a time: the millionth row costs what
    the first costs. Nothing is counted, and nothing is sorted otherwise.
    """

    is_endless = True
    has_older = has_newer = False

    def get_filters_params(self, params: Any = None) -> Any:
        given = super().get_filters_params(params)
        return {k: v for k, v in given.items() if k not in {OLDER, NEWER}}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        return super().get_query_string(new_params, [*(remove or ()), OLDER, NEWER])

    def get_ordering(self, _request: HttpRequest, _queryset: Any) -> list[Any]:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        span, size = span_in(request), self.list_per_page
        rows: Any = list(span.of(self.queryset, "pk")[: size + 1])
        has_more, rows = len(rows) > size, rows[:size]
        if span.above is not None:
            rows.reverse()
            self.has_older, self.has_newer = True, has_more
        else:
            self.has_older, self.has_newer = has_more, span.below is not None
        self.result_list = rows
        self.result_count = len(rows)
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = self.model_admin.get_paginator(request, rows, size)

    @property
    def older(self) -> str:
        return self._page(OLDER, self.result_list[-1].pk) if self.result_list else ""

    @property
    def newer(self) -> str:
        """Without rows, as at the end of a list that has shrunk, to the newest."""
        if not self.result_list:
            return self.newest
        return self._page(NEWER, self.result_list[0].pk)

    @property
    def newest(self) -> str:
        return self.get_query_string()

    def _page(self, name: str, key: Any) -> str:
        given = self.get_query_string()
        joined = "&" if len(given) > 1 else ""
        return f"{given}{joined}{name}={key}"
