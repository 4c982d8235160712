"""How a closed Bulk job is worked off, batch by batch, and the files it leaves.

A batch is done in slices of 200 rows, as Salesforce does it: each is a transaction of
its own, and other callers are served between two of them.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from io import StringIO
from typing import Any

from connectors.sandbox.salesforce.dml import Dml
from connectors.sandbox.salesforce.refusals import RefusedError
from connectors.sandbox.salesforce.transaction import Transaction
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.world import Document

KIND, CONTENT, DONE = "bulk_job", "bulk_content", "bulk_done"
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
DELIMITERS = {
    "COMMA": ",",
    "TAB": "\t",
    "SEMICOLON": ";",
    "PIPE": "|",
    "CARET": "^",
    "BACKQUOTE": "`",
}
NOTHING = "#N/A"  # an empty cell leaves a field alone, this one empties it
CALL = "salesforce.bulk_rows"
SLICE = 200
Row = list[str]


def work(world: SalesforceWorld, job_id: str) -> None:
    """Do the next slice of a job; more of it comes later, if there is more."""
    job = world.get(KIND, job_id)
    if job is None or job["state"] not in {"UploadComplete", "InProgress"}:
        return
    try:
        header, rows = parsed(world, job)
        _check_header(world, job, header)
    except RefusedError as error:
        _end(world, job, "Failed", error.message)
        return
    size = int(world.switches["bulk_batch_rows"])
    start = int(job["numberRecordsProcessed"])
    number, within = divmod(start, size)
    if not within and number == world.switches["bulk_fail_after_batches"]:
        _end(world, job, "Failed", "InternalServerError : the job was given up")
        return
    batch = rows[number * size : (number + 1) * size]
    _keep(world, job, _do_slice(world, job, header, batch, within))
    done = int(job["numberRecordsProcessed"])
    if done >= len(rows):
        _end(world, job, "JobComplete")
        return
    job["state"] = "InProgress"
    world.put(KIND, job_id, job)
    pause = world.switches["bulk_batch_seconds"] if done % size == 0 else 0
    world.later(pause, "bulk", job=job_id)


def _keep(world: SalesforceWorld, job: Document, done: list[dict[str, Any]]) -> None:
    """Each slice's outcome is a document of its own: a long job stays cheap to store."""
    if done:
        start = int(job["numberRecordsProcessed"])
        world.put(DONE, f"{job['id']}:{start}", {"rows": done})
    job["numberRecordsProcessed"] += len(done)
    job["numberRecordsFailed"] += sum(bool(row["error"]) for row in done)


def done_rows(world: SalesforceWorld, job: Document) -> list[dict[str, Any]]:
    """What became of each row so far, in the order of the file."""
    found: list[dict[str, Any]] = []
    while (part := world.get(DONE, f"{job['id']}:{len(found)}")) is not None:
        found += part["rows"]
    return found


def forget(world: SalesforceWorld, job: Document) -> None:
    """Remove the file of a job and what became of its rows."""
    world.remove(CONTENT, job["id"])
    at = 0
    while (part := world.get(DONE, f"{job['id']}:{at}")) is not None:
        world.remove(DONE, f"{job['id']}:{at}")
        at += len(part["rows"])


def parsed(world: SalesforceWorld, job: Document) -> tuple[Row, list[Row]]:
    """The header and the rows of a job's file. Raises RefusedError."""
    text = (world.get(CONTENT, job["id"]) or {"text": ""})["text"]
    if ("\r\n" in text) != (job["lineEnding"] == "CRLF") and "\n" in text:
        raise RefusedError(
            "ClientInputError",
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding "
            f"setting is {job['lineEnding']}",
        )
    return _table(text, DELIMITERS[job["columnDelimiter"]])


@lru_cache(maxsize=4)
def _table(text: str, delimiter: str) -> tuple[Row, list[Row]]:
    """Kept, for every slice of a job asks for the whole file."""
    lines = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    if not lines:
        return [], []
    return lines[0], [line for line in lines[1:] if line]


def _check_header(world: SalesforceWorld, job: Document, header: Row) -> None:
    schema = world.schema_for(job["createdById"])
    item = schema.known(job["object"])
    for name in header:
        relation, _, key = name.partition(".")
        known = item.by_relationship(relation) if key else item.field(name)
        if known is None:
            raise RefusedError(
                "InvalidBatch", f"InvalidBatch : Field name not found : {name}"
            )
    key = job.get("externalIdFieldName") or (
        "Id" if job["operation"] != "insert" else ""
    )
    if key and header and key.lower() not in {name.lower() for name in header}:
        raise RefusedError(
            "InvalidBatch", f"InvalidBatch : Field name not found : {key}"
        )


def _do_slice(
    world: SalesforceWorld, job: Document, header: Row, batch: list[Row], start: int
) -> list[dict[str, Any]]:
    transaction = Transaction(world, job["createdById"], CALL)
    repeated = _repeated(job, header, batch)
    rows = batch[start : start + SLICE]
    done = [_do_row(transaction, job, header, row, repeated) for row in rows]
    transaction.commit()
    return done


def _do_row(
    transaction: Transaction,
    job: Document,
    header: Row,
    row: Row,
    repeated: set[str],
) -> dict[str, Any]:
    try:
        row_id, created = _apply(Dml(transaction), job, _values(header, row), repeated)
    except RefusedError as error:
        transaction.refused(error, "", job["object"])
        return {"id": "", "error": _words(error), "created": False, "row": row}
    return {"id": row_id, "error": "", "created": created, "row": row}


def _apply(
    dml: Dml, job: Document, values: Document, repeated: set[str]
) -> tuple[str, bool]:
    name, sobject = str(job.get("externalIdFieldName") or "Id"), job["object"]
    if job["operation"] == "insert":
        return dml.create(sobject, values), True
    key = str(_pop(values, name) or "")
    if not key:
        raise RefusedError("MISSING_ARGUMENT", f"{name} not specified", fields=[])
    if job["operation"] == "update":
        dml.update(sobject, key, values)
        return key, False
    if job["operation"] == "delete":
        dml.delete(sobject, key)
        return key, False
    if key in repeated:
        raise RefusedError(
            "DUPLICATE_VALUE", f"Duplicate external id specified: {key}", fields=[name]
        )
    return dml.upsert(sobject, name, key, values)


def _values(header: Row, row: Row) -> Document:
    values: Document = {}
    for name, cell in zip(header, row, strict=False):
        if cell == "":
            continue
        value = None if cell == NOTHING else cell
        relation, _, inner = name.partition(".")
        values[relation if inner else name] = {inner: value} if inner else value
    return values


def _pop(values: Document, name: str) -> Any:
    for known in list(values):
        if known.lower() == name.lower():
            return values.pop(known)
    return None


def _repeated(job: Document, header: Row, rows: list[Row]) -> set[str]:
    """External ids that stand on more than one row of a batch."""
    name = str(job.get("externalIdFieldName") or "").lower()
    places = [at for at, known in enumerate(header) if known.lower() == name]
    if not name or not places:
        return set()
    counts = Counter(row[places[0]] for row in rows if len(row) > places[0])
    return {key for key, count in counts.items() if count > 1}


def _words(error: RefusedError) -> str:
    return f"{error.code}:{error.message}:{','.join(error.fields or [])} --"


def _end(
    world: SalesforceWorld, job: Document, state: str, message: str | None = None
) -> None:
    job["state"] = state
    job["systemModstamp"] = world.stamp()
    if message:
        job["errorMessage"] = message
    world.put(KIND, job["id"], job)
    world.record(
        CALL, job["id"], "applied" if state == "JobComplete" else "refused", what=state
    )


# -- the files a job leaves ------------------------------------------------------


def results_csv(world: SalesforceWorld, job: Document, which: str) -> str:
    """`successfulresults`, `failedresults` or `unprocessedrecords`."""
    try:
        header, rows = parsed(world, job)
    except RefusedError:
        header, rows = [], []
    done = done_rows(world, job)
    if which == "unprocessedrecords":
        return _csv([header, *rows[len(done) :]])
    is_failed = which == "failedresults"
    told = "sf__Error" if is_failed else "sf__Created"
    lines = _result_lines(done, is_failed=is_failed)
    return _csv([["sf__Id", told, *header], *lines])


def _result_lines(
    done: list[dict[str, Any]], *, is_failed: bool
) -> Iterator[list[str]]:
    for row in done:
        if bool(row["error"]) is is_failed:
            told = row["error"] if is_failed else str(row["created"]).lower()
            yield [row["id"], told, *row["row"]]


def _csv(lines: list[list[str]]) -> str:
    out = StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    return out.getvalue()
