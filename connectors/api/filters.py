"""Query parameters, declared by each list; what is not declared is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

# Of the pagination.
ALWAYS = {"cursor", "page_size"}
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """`lookup` is Django's, `read` turns the parameter's text into its value.

    `read` raises ValueError with words for the client. A `many` lookup goes through
    rows of which a record has several.
    """

    lookup: str
    read: Callable[[str], Any]
    schema: dict[str, Any]
    many: bool = False


def text(lookup: str, *, many: bool = False) -> Rule:
    return Rule(lookup, _text, {"type": "string", "maxLength": LONGEST}, many)


def number(lookup: str) -> Rule:
    return Rule(lookup, _number, {"type": "integer", "minimum": 1})


def truth(lookup: str, *, negated: bool = False) -> Rule:
    def read(value: str) -> bool:
        return _truth(value) is not negated

    return Rule(lookup, read, {"type": "boolean"})


def moment(lookup: str) -> Rule:
    return Rule(lookup, _moment, {"type": "string", "format": "date-time"})


def word(lookup: str, choices: Iterable[str]) -> Rule:
    known = list(choices)

    def read(value: str) -> str:
        if value not in known:
            raise ValueError(f"Must be one of {', '.join(known)}.")
        return value

    return Rule(lookup, read, {"type": "string", "enum": known})


class DeclaredFilters(BaseFilterBackend):
    """Applies the view's `filter_rules`: a dict of parameter name to Rule."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        rules = _rules_of(view)
        wrong = {}
        for name, value in request.query_params.items():
            if name in ALWAYS:
                continue
            try:
                queryset = _apply(queryset, _find(rules, name), str(value))
            except ValueError as error:
                wrong[name] = [str(error)]
        if wrong:
            raise ValidationError(wrong)
        return queryset

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {"name": name, "in": "query", "required": False, "schema": rule.schema}
            for name, rule in _rules_of(view).items()
        ]


def _rules_of(view: APIView) -> dict[str, Rule]:
    rules: dict[str, Rule] = getattr(view, "filter_rules", {})
    return rules


def _find(rules: dict[str, Rule], name: str) -> Rule:
    if name not in rules:
        raise ValueError(f"There is no such filter; known are {', '.join(rules)}.")
    return rules[name]


def _apply(queryset: QuerySet[Any], rule: Rule, value: str) -> QuerySet[Any]:
    wanted = {rule.lookup: rule.read(value)}
    if not rule.many:
        return queryset.filter(**wanted)
    model: type[Model] = queryset.model
    return queryset.filter(pk__in=model._default_manager.filter(**wanted).values("pk"))


def _text(value: str) -> str:
    if not value or len(value) > LONGEST or not value.isprintable():
        raise ValueError(f"Must be 1 to {LONGEST} printable characters.")
    return value


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise ValueError("Must be a whole number.")
    return int(value)


def _truth(value: str) -> bool:
    if value not in {"true", "false"}:
        raise ValueError("Must be true or false.")
    return value == "true"


def _moment(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError("Must be a time with its zone, such as 2026-01-31T09:00:00Z.")
    return found
