"""Routes on single records."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

from connectors.sandbox.salesforce.call import Answer, Call, record_url
from connectors.sandbox.salesforce.ids import normalize
from connectors.sandbox.salesforce.moments import parse_stamp
from connectors.sandbox.salesforce.query import field_value
from connectors.sandbox.salesforce.refusals import (
    ManyMatchesError,
    RefusedError,
    deleted,
    no_such_column,
    not_found,
)
from connectors.sandbox.salesforce.schema import Object
from connectors.sandbox.world import Document

CREATED_BODY_SINCE = 46.0  # older upserts answer 204 without a body


def create(call: Call) -> Answer:
    sobject = call.params["sobject"]
    try:
        row_id = call.dml.create(sobject, call.document())
    except RefusedError as error:
        call.transaction.refused(error, sobject=sobject)
        raise
    body = {"id": row_id, "success": True, "errors": []}
    url = record_url(call.version, call.sobject().name, row_id)
    return Answer(201, body, {"Location": url})


def read(call: Call) -> Answer:
    item = call.sobject()
    row = _readable(call, item)
    call.transaction.read(item.name, 1)
    return Answer(200, rendered(call, item, row, call.params.get("fields", "")))


def update(call: Call) -> Answer:
    sobject, row_id = call.params["sobject"], call.params["key"]
    try:
        _check_unmodified(call)
        call.dml.update(sobject, row_id, call.document())
    except RefusedError as error:
        call.transaction.refused(error, normalize(row_id) or row_id, sobject)
        raise
    return Answer(204)


def upsert(call: Call) -> Answer:
    sobject, field, key = (call.params[name] for name in ("sobject", "field", "key"))
    values = call.document()
    sent = {name.lower() for name in values}
    try:
        if field.lower() in sent or "id" in sent:
            raise RefusedError(
                "INVALID_FIELD",
                f"The {field} field should not be specified in the sobject data.",
                fields=[field],
            )
        row_id, created = call.dml.upsert(sobject, field, key, values)
    except ManyMatchesError as error:
        call.transaction.refused(error, sobject=sobject)
        urls = [record_url(call.version, error.sobject, one) for one in error.row_ids]
        return Answer(300, urls)
    except RefusedError as error:
        call.transaction.refused(error, sobject=sobject)
        raise
    if not created and float(call.version) < CREATED_BODY_SINCE:
        return Answer(204)
    body = {"id": row_id, "success": True, "errors": [], "created": created}
    return Answer(201 if created else 200, body)


def delete(call: Call) -> Answer:
    sobject, key = call.params["sobject"], call.params["key"]
    try:
        call.dml.delete(sobject, key)
    except RefusedError as error:
        call.transaction.refused(error, normalize(key) or key, sobject)
        raise
    return Answer(204)


def rendered(call: Call, item: Object, row: Document, fields: str = "") -> Document:
    """A record as REST shows it: all readable fields, or those named."""
    columns = list(item.fields.values())
    if fields:
        names = [name.strip() for name in fields.split(",")]
        for name in names:
            if item.field(name) is None:
                raise no_such_column(name, item.name)
        columns = [item.fields[name.lower()] for name in names]
    record: dict[str, Any] = {
        "attributes": {
            "type": item.name,
            "url": record_url(call.version, item.name, str(row["Id"])),
        }
    }
    return record | {column.name: field_value(column, row) for column in columns}


def _readable(call: Call, item: Object) -> Document:
    key = call.params["key"]
    field = call.params.get("field")
    if field is not None:
        column = call.dml.external_id(item, field)
        matches = call.dml.matching(item, column, key)
        rows = [call.world.visible(item.name, str(row["Id"])) for row in matches]
        row = rows[0] if rows else None
    else:
        known = normalize(key)
        if known is None:
            raise not_found(
                f"Provided external ID field does not exist or is not accessible: {key}"
            )
        row = call.world.visible(item.name, known)
    if row is None:
        raise not_found()
    if row["IsDeleted"]:
        raise deleted()
    return row


def _check_unmodified(call: Call) -> None:
    """`If-Unmodified-Since`: optimistic locking, to the second."""
    header = call.headers.get("if-unmodified-since")
    row = call.world.get(call.params["sobject"], normalize(call.params["key"]) or "")
    if not header or row is None:
        return
    try:
        since = parsedate_to_datetime(header)
    except ValueError:
        return
    if parse_stamp(row["SystemModstamp"]) > since:
        raise RefusedError(
            "PRECONDITION_FAILED",
            "One or more of the preconditions specified in the request were not met.",
            status=412,
        )
