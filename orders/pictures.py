"""Records to JSON and back. What is MISSING is left out, and comes back as MISSING."""

from __future__ import annotations

import dataclasses
import enum
import functools
import hashlib
import json
import types
import typing
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar, Union

from orders.records import MISSING, Missing

Picture = dict[str, Any]
RecordType = TypeVar("RecordType")


def to_picture(record: Any) -> Picture:
    """A JSON object with the record's known fields; text for dates and decimals."""
    return {
        field.name: _plain(getattr(record, field.name))
        for field in dataclasses.fields(record)
        if getattr(record, field.name) is not MISSING
    }


def from_picture(record_type: type[RecordType], picture: Picture) -> RecordType:
    """The record a picture was made of; unknown keys are ignored.

    Raises `TypeError` when a field is not there that has no default and may not be
    MISSING.
    """
    hints = _hints(record_type)  # type: ignore[arg-type] # a type is hashable
    values = {
        name: _typed(hint, picture[name]) if name in picture else MISSING
        for name, hint in hints.items()
        if name in picture or Missing in typing.get_args(hint)
    }
    return record_type(**values)


def fingerprint(picture: Any) -> str:
    """A digest that is equal for equal pictures, whatever their key order."""
    text = json.dumps(picture, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def _hints(record_type: type[Any]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(record_type)}
    hints = typing.get_type_hints(record_type)
    return {name: hint for name, hint in hints.items() if name in names}


def _plain(value: Any) -> Any:  # noqa: PLR0911 - a table of types
    if dataclasses.is_dataclass(value):
        return to_picture(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):  # also datetime
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _typed(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in {Union, types.UnionType}:
        return _typed_union(typing.get_args(hint), value)
    if origin is tuple:
        kinds = typing.get_args(hint)
        if len(kinds) == 2 and kinds[1] is Ellipsis:
            return tuple(_typed(kinds[0], item) for item in value)
        return tuple(
            _typed(kind, item) for kind, item in zip(kinds, value, strict=True)
        )
    if origin is frozenset:
        return frozenset(_typed(typing.get_args(hint)[0], item) for item in value)
    return _typed_plain(hint, value)


def _typed_union(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None:
        return None
    kind = next(kind for kind in kinds if kind not in {Missing, type(None)})
    return _typed(kind, value)


def _typed_plain(hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        return from_picture(typing.cast("type[Any]", hint), value)
    if hint is Decimal:
        return Decimal(value)
    if hint in {datetime, date}:
        return hint.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(value)
    return value
