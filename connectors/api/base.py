"""What every record's endpoints have in common: scope, filters, pages, refusals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.throttling import BaseThrottle
from rest_framework.viewsets import ReadOnlyModelViewSet

from connectors.api.access import ActionThrottle, MayView, ReadThrottle, refused
from connectors.api.filters import DeclaredFilters, Rule
from connectors.api.reading import ObjectParser
from connectors.console.scoping import Filter, by_account, scope_of

if TYPE_CHECKING:
    from rest_framework.serializers import Serializer

Row = TypeVar("Row", bound=Model)


class NewestFirst(CursorPagination):
    """Pages that neither count all rows nor skip some when new ones arrive."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        """A cursor that somebody made up is not found, as any other unknown one."""
        cursor = super().decode_cursor(request)
        position = cursor.position if cursor else None
        if position is not None and not re.fullmatch("[0-9]{1,18}", str(position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class RecordViewSet(ReadOnlyModelViewSet[Row]):
    """Rows of the user's accounts only: another account's row does not exist here.

    `detail_serializer_class` shows one row, `serializer_class` the rows of a list.
    """

    lookup_value_regex = "[0-9]{1,18}"
    permission_classes = (MayView,)
    parser_classes = (ObjectParser,)
    pagination_class = NewestFirst
    filter_backends = (DeclaredFilters,)
    scope: Filter = staticmethod(by_account())
    filter_rules: ClassVar[dict[str, Rule]] = {}
    detail_serializer_class: type[BaseSerializer[Any]] | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and self.action:
            _ = request.data  # a bad body is refused even where none is asked for

    def get_queryset(self) -> QuerySet[Row]:
        return self.visible(super().get_queryset(), self.scope)

    def visible(self, rows: QuerySet[Any], scope: Filter) -> QuerySet[Any]:
        """Those of the rows that the user may see."""
        mine = scope_of(self.request.user)
        return rows if mine.everything else rows.filter(scope(mine))

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        if self.action != "list" and self.detail_serializer_class is not None:
            return self.detail_serializer_class
        return super().get_serializer_class()

    def get_throttles(self) -> Sequence[BaseThrottle]:  # type: ignore[override]
        is_reading = self.request.method in {"GET", "HEAD", "OPTIONS"}
        return [ReadThrottle() if is_reading else ActionThrottle()]

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(refused(exc, self.request))

    def asked(self, kind: type[Serializer[Any]]) -> dict[str, Any]:
        """The checked body of an action's request."""
        given = kind(data=self.request.data)
        given.is_valid(raise_exception=True)
        found: dict[str, Any] = given.validated_data
        return found

    def as_it_is_now(self) -> Response:
        """The record after an action, as its detail page shows it."""
        return Response(self.get_serializer(self.get_object()).data)
