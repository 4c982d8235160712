"""Everything this organisation says no with, in Salesforce's words.

Texts follow recorded answers where there are any; a code that no source is sure
of is a switch of the world.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class RefusedError(Exception):
    """One refusal. On the wire it is an array of one error object.

    `fields` None leaves the key out, as query and routing errors do.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        fields: Sequence[str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = None if fields is None else list(fields)

    def as_body(self) -> list[dict[str, Any]]:
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = self.fields
        return [body]

    def as_row(self) -> dict[str, Any]:
        """The shape inside a collection's answer, where the key is `statusCode`."""
        error = {
            "statusCode": self.code,
            "message": self.message,
            "fields": self.fields or [],
        }
        return {"success": False, "errors": [error]}


class ManyMatchesError(RefusedError):
    """An external id that names several rows; a single upsert answers their URLs."""

    def __init__(self, sobject: str, row_ids: list[str]) -> None:
        super().__init__(
            "DUPLICATE_EXTERNAL_ID",
            "More than one record found for external ID field",
            status=300,
            fields=[],
        )
        self.sobject = sobject
        self.row_ids = row_ids


class SoqlError(RefusedError):
    """A query that cannot be run. `at` is the offset of the offending text."""

    def __init__(
        self, code: str, message: str, *, query: str = "", at: int = 0
    ) -> None:
        super().__init__(code, pointed(query, at, message) if query else message)


def pointed(query: str, at: int, message: str) -> str:
    """Echo the query's neighborhood with a caret under the culprit, as the API does."""
    start = max(0, at - 30)
    tail = query[start : at + 40].replace("\n", " ")
    row = query.count("\n", 0, at) + 1
    column = at - (query.rfind("\n", 0, at) + 1) + 1
    caret = " " * (at - start) + "^"
    return f"\n{tail}\n{caret}\nERROR at Row:{row}:Column:{column}\n{message}"


def not_found(message: str = "The requested resource does not exist") -> RefusedError:
    return RefusedError("NOT_FOUND", message, status=404)


def deleted() -> RefusedError:
    return RefusedError("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=[])


def session_expired() -> RefusedError:
    return RefusedError("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def concurrent_limit() -> RefusedError:
    return RefusedError(
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        status=403,
    )


def daily_limit() -> RefusedError:
    return RefusedError(
        "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403
    )


def row_locked(row_id: str) -> RefusedError:
    return RefusedError(
        "UNABLE_TO_LOCK_ROW",
        f"unable to obtain exclusive access to this record or 1 records: {row_id}",
        fields=[],
    )


def no_such_column(name: str, sobject: str) -> RefusedError:
    return RefusedError(
        "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}"
    )


def no_right(label: str) -> RefusedError:
    return RefusedError(
        "INSUFFICIENT_ACCESS_OR_READONLY",
        f"insufficient access rights on object: {label}",
        status=403,
        fields=[],
    )


def not_writable(names: Sequence[str]) -> RefusedError:
    return RefusedError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security "
        "settings of this field and verify that it is read/write for your profile or "
        "permission set.",
        fields=names,
    )


def required(names: Sequence[str]) -> RefusedError:
    return RefusedError(
        "REQUIRED_FIELD_MISSING",
        f"Required fields are missing: [{', '.join(names)}]",
        fields=names,
    )


def duplicate(field: str, row_id: str) -> RefusedError:
    return RefusedError(
        "DUPLICATE_VALUE",
        f"duplicate value found: {field} duplicates value on record with id: {row_id}",
        fields=[],
    )


def malformed_body(message: str) -> RefusedError:
    return RefusedError("JSON_PARSER_ERROR", message)


def unsupported_type(name: str) -> str:
    return (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom "
        "object, be sure to append the '__c' after the entity name. Please reference "
        "your WSDL or the describe call for the appropriate names."
    )


def unknown_column(name: str, entity: str) -> str:
    return (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a "
        "custom field, be sure to append the '__c' after the custom field name. Please "
        "reference your WSDL or the describe call for the appropriate names."
    )


def unknown_relationship(name: str) -> str:
    return (
        f"Didn't understand relationship '{name}' in field path. If you are attempting "
        "to use a custom relationship, be sure to append the '__r' after the custom "
        "relationship name. Please reference your WSDL or the describe call for the "
        "appropriate names."
    )


def malformed_id(label: str, value: str) -> RefusedError:
    return RefusedError(
        "MALFORMED_ID",
        f"{label} ID: id value of incorrect type: {value}",
        fields=["Id"],
    )
