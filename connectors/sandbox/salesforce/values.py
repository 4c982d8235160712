"""What a client sent, as a field stores it, or a refusal."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.salesforce.ids import normalize
from connectors.sandbox.salesforce.moments import parse_date, parse_input, stamp
from connectors.sandbox.salesforce.refusals import RefusedError, malformed_body
from connectors.sandbox.salesforce.schema import NUMBER_TYPES, Field


def to_stored(column: Field, value: Any) -> Any:
    """The stored form of `value`. Raises RefusedError when it does not fit."""
    if value is None or value == "":
        if column.type == "boolean":
            raise RefusedError(
                "INVALID_TYPE_ON_FIELD_IN_RECORD",
                f"{column.label}: value not of required type: ",
                fields=[column.name],
            )
        return None
    if column.type == "boolean":
        return _boolean(value)
    if column.type in NUMBER_TYPES:
        return _number(column, value)
    if column.type in {"date", "datetime"}:
        return _moment(column, value)
    if column.type == "reference":
        return _reference(column, value)
    return _text(column, value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in {"true", "false"}:
        return bool(value == "true")
    raise _unreadable("boolean", value)


def _number(column: Field, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _unreadable("double", value)
    try:
        number = float(value)
    except ValueError as error:
        raise _unreadable("double", value) from error
    if not abs(number) < 10 ** (column.precision - column.scale or 18):
        raise RefusedError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{column.label}: value outside of valid range on numeric field: {value}",
            fields=[column.name],
        )
    return int(number) if column.type == "int" else round(number, column.scale or 2)


def _moment(column: Field, value: Any) -> str:
    try:
        if column.type == "date":
            return parse_date(str(value)).isoformat()
        return stamp(parse_input(str(value)))
    except (ValueError, OverflowError) as error:
        raise _unreadable(column.type, value) from error


def _reference(column: Field, value: Any) -> str:
    row_id = normalize(value) if isinstance(value, str) else None
    if row_id is None:
        raise RefusedError(
            "MALFORMED_ID",
            f"{column.label}: id value of incorrect type: {value}",
            fields=[column.name],
        )
    return row_id


def _text(column: Field, value: Any) -> str:
    if isinstance(value, list | dict):
        raise _unreadable("string", value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if column.length and len(text) > column.length:
        raise RefusedError(
            "STRING_TOO_LONG",
            f"{column.label}: data value too large: {text[:100]} "
            f"(max length={column.length})",
            fields=[column.name],
        )
    if column.restricted and column.picklist and text not in column.picklist:
        raise bad_picklist_value(column, text)
    return text


def bad_picklist_value(column: Field, text: str) -> RefusedError:
    return RefusedError(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{column.label}: bad value for restricted picklist field: {text}",
        fields=[column.name],
    )


def _unreadable(kind: str, value: Any) -> RefusedError:
    shape: dict[type[Any], str] = {
        str: "VALUE_STRING",
        dict: "START_OBJECT",
        list: "START_ARRAY",
    }
    token = shape.get(type(value), "VALUE")
    return malformed_body(
        f"Cannot deserialize instance of {kind} from {token} value {str(value)[:80]} or "
        "request may be missing a required field at [line:1, column:1]"
    )
