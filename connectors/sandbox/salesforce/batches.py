"""sObject Collections: up to 200 records in one call, one result per row."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from connectors.sandbox.salesforce.call import Answer, Call
from connectors.sandbox.salesforce.ids import normalize
from connectors.sandbox.salesforce.records import rendered
from connectors.sandbox.salesforce.refusals import RefusedError, no_such_column
from connectors.sandbox.salesforce.transaction import ROLLED_BACK

MAX_ROWS = 200
MAX_RUNS = 10
MAX_RETRIEVED = 2_000

ROLLED_BACK_MESSAGE = (
    "Record rolled back because not all records were valid and the request was using "
    "AllOrNone header"
)

Work = Callable[[dict[str, Any]], dict[str, Any]]


def create(call: Call) -> Answer:
    def one(record: dict[str, Any]) -> dict[str, Any]:
        row_id = call.dml.create(_type_of(record), record)
        return {"id": row_id, "success": True, "errors": []}

    return _each(call, _records(call, mixed=True), one)


def update(call: Call) -> Answer:
    def one(record: dict[str, Any]) -> dict[str, Any]:
        row_id = _given_id(record)
        if row_id is None:
            raise RefusedError(
                "MISSING_ARGUMENT", "Id not specified in an update call", fields=[]
            )
        values = {name: value for name, value in record.items() if name.lower() != "id"}
        call.dml.update(_type_of(record), row_id, values)
        return {"id": normalize(row_id), "success": True, "errors": []}

    return _each(call, _records(call, mixed=True), one)


def upsert(call: Call) -> Answer:
    item = call.sobject()
    column = call.dml.external_id(item, call.params["field"])
    keys = _repeated(call, column.name)

    def one(record: dict[str, Any]) -> dict[str, Any]:
        values = dict(record)
        if _type_of(record).lower() != item.name.lower():
            raise RefusedError(
                "INVALID_TYPE", f"Record must be of type {item.name}", fields=[]
            )
        if _given_id(record) is not None and column.type != "id":
            raise RefusedError(
                "INVALID_FIELD", "Id may not be specified in an upsert call", fields=[]
            )
        key = _pop(values, column.name)
        if key in {None, ""}:
            raise RefusedError(
                "MISSING_ARGUMENT", f"{column.name} not specified", fields=[]
            )
        if str(key) in keys:
            raise RefusedError(
                "DUPLICATE_VALUE",
                f"Duplicate external id specified: {key}",
                fields=[column.name],
            )
        row_id, created = call.dml.upsert(item.name, column.name, str(key), values)
        return {"id": row_id, "success": True, "errors": [], "created": created}

    return _each(call, _records(call, mixed=False), one)


def delete(call: Call) -> Answer:
    ids = [one for one in call.params.get("ids", "").split(",") if one]
    _check_count(len(ids))
    by_prefix = {item.prefix: item.name for item in call.schema.objects.values()}

    def one(record: dict[str, Any]) -> dict[str, Any]:
        row_id = record["id"]
        if row_id[:3] not in by_prefix:
            raise RefusedError("MALFORMED_ID", f"malformed id {row_id}", fields=[])
        call.dml.delete(by_prefix[row_id[:3]], row_id)
        return {"id": normalize(row_id), "success": True, "errors": []}

    return _each(call, [{"id": row_id} for row_id in ids], one)


def retrieve(call: Call) -> Answer:
    """Rows by id in the order asked, null where there is none to read."""
    item = call.sobject()
    if call.method == "POST":
        ids = _texts(call.document().get("ids"))
        fields = _texts(call.document().get("fields"))
    else:
        ids = _texts(call.params.get("ids", "").split(","))
        fields = _texts(call.params.get("fields", "").split(","))
    if len(ids) > MAX_RETRIEVED:
        raise RefusedError("LIMIT_EXCEEDED", f"at most {MAX_RETRIEVED} ids are allowed")
    for name in fields:
        if item.field(name) is None:
            raise no_such_column(name, item.name)
    rows = [call.world.visible(item.name, normalize(row_id) or "") for row_id in ids]
    call.transaction.read(item.name, len(rows))
    return Answer(
        200,
        [
            rendered(call, item, row, ",".join(fields))
            if row is not None and not row["IsDeleted"]
            else None
            for row in rows
        ],
    )


def _each(call: Call, records: list[dict[str, Any]], work: Work) -> Answer:
    """Do the rows one by one; with allOrNone one refusal undoes them all."""
    start = call.transaction.mark()
    results: list[dict[str, Any]] = []
    for record in records:
        try:
            results.append(work(record))
        except RefusedError as error:
            sobject = str((record.get("attributes") or {}).get("type", ""))
            call.transaction.refused(error, _given_id(record) or "", sobject)
            results.append(error.as_row())
    if _all_or_none(call) and not all(result["success"] for result in results):
        call.transaction.rollback(start)
        rolled_back = RefusedError(ROLLED_BACK, ROLLED_BACK_MESSAGE).as_row()
        results = [rolled_back if one["success"] else one for one in results]
    return Answer(200, results)


def _all_or_none(call: Call) -> bool:
    if call.method == "DELETE":
        return call.params.get("allOrNone", "").lower() == "true"
    return bool(call.document().get("allOrNone"))


def _records(call: Call, *, mixed: bool) -> list[dict[str, Any]]:
    records = call.document().get("records")
    if not isinstance(records, list) or not all(
        isinstance(one, dict) for one in records
    ):
        raise RefusedError("REQUIRED_FIELD_MISSING", "At least 1 record is required")
    _check_count(len(records))
    types = [_type_of(record) for record in records]
    runs = 1 + sum(one != other for one, other in pairwise(types))
    if mixed and runs > MAX_RUNS:
        raise RefusedError(
            "INVALID_FIELD", f"Records cannot be cut into more than {MAX_RUNS} chunks"
        )
    return records


def _check_count(count: int) -> None:
    if not count:
        raise RefusedError("REQUIRED_FIELD_MISSING", "At least 1 record is required")
    if count > MAX_ROWS:
        raise RefusedError(
            "LIMIT_EXCEEDED",
            f"record limit reached. cannot submit more than {MAX_ROWS} records in this "
            "operation",
        )


def _type_of(record: dict[str, Any]) -> str:
    attributes = record.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(kind, str):
        raise RefusedError(
            "INVALID_FIELD", "attributes.type is required on each record"
        )
    return kind


def _given_id(record: dict[str, Any]) -> str | None:
    for name, value in record.items():
        if name.lower() == "id" and isinstance(value, str) and value:
            return value
    return None


def _pop(values: dict[str, Any], name: str) -> Any:
    for known in list(values):
        if known.lower() == name.lower():
            return values.pop(known)
    return None


def _repeated(call: Call, name: str) -> set[str]:
    """External ids that stand on more than one row of the call."""
    keys = [str(_pop(dict(one), name)) for one in _records(call, mixed=False)]
    return {key for key in keys if keys.count(key) > 1}


def _texts(values: Any) -> list[str]:
    if (
        not isinstance(values, list)
        or not values
        or not all(isinstance(value, str) and value for value in values)
    ):
        raise RefusedError("MISSING_ARGUMENT", "ids and fields are required")
    return values
