"""Bulk API 2.0 ingest: jobs that are made, filled, closed, worked off and asked about."""

from __future__ import annotations

import re
from typing import Any

from connectors.sandbox.salesforce import bulk_rows
from connectors.sandbox.salesforce.call import Answer, Call
from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.refusals import RefusedError, not_found
from connectors.sandbox.world import Document

KIND = "bulk_job"
CONTENT = "bulk_content"
OPERATIONS = ("insert", "update", "upsert", "delete")
OPEN, CLOSED, WORKING = "Open", "UploadComplete", "InProgress"
COMPLETE, FAILED, ABORTED = "JobComplete", "Failed", "Aborted"
ENDED = {COMPLETE, FAILED, ABORTED}
PAGE = 1_000

# What a job's answers always tell, and what only looking at it adds.
TOLD = (
    *("id", "operation", "object", "createdById", "createdDate", "systemModstamp"),
    *("state", "externalIdFieldName", "concurrencyMode", "contentType", "apiVersion"),
    *("contentUrl", "lineEnding", "columnDelimiter"),
)
MEASURED = (
    *("jobType", "numberRecordsProcessed", "numberRecordsFailed", "retries"),
    *("totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"),
    "errorMessage",
)


def create(call: Call) -> Answer:
    wanted = call.document()
    operation = wanted.get("operation")
    if operation not in OPERATIONS:
        raise RefusedError("INVALIDJOB", f"Unsupported operation {operation!r}")
    item = call.schema.object(str(wanted.get("object")))
    if item is None:
        raise RefusedError(
            "INVALIDENTITY", f"Unable to find object: {wanted.get('object')}"
        )
    _check_external_id(call, operation, wanted, item.name)
    endings, delimiters = bulk_rows.LINE_ENDINGS, bulk_rows.DELIMITERS
    job_id = make_id("750", call.world.next_number("id:bulk_job"))
    now = call.world.stamp()
    job = {
        "id": job_id,
        "operation": operation,
        "object": item.name,
        "createdById": call.transaction.user_id,
        "createdDate": now,
        "systemModstamp": now,
        "state": OPEN,
        "externalIdFieldName": wanted.get("externalIdFieldName"),
        "concurrencyMode": "Parallel",
        "contentType": _one_of(wanted, "contentType", ("CSV",), "CSV"),
        "apiVersion": float(call.version),
        "contentUrl": f"services/data/v{call.version}/jobs/ingest/{job_id}/batches",
        "lineEnding": _one_of(wanted, "lineEnding", tuple(endings), "LF"),
        "columnDelimiter": _one_of(
            wanted, "columnDelimiter", tuple(delimiters), "COMMA"
        ),
        "jobType": "V2Ingest",
        "numberRecordsProcessed": 0,
        "numberRecordsFailed": 0,
        "retries": 0,
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }
    call.world.put(KIND, job_id, job)
    call.transaction.noted(job_id, "applied", step="create_job", object=item.name)
    return Answer(200, _told(job, TOLD))


def upload(call: Call) -> Answer:
    """The whole file in one request; a second one for the same job is refused."""
    job = _job(call)
    _insist(job, OPEN)
    if not isinstance(call.body, str):
        raise RefusedError(
            "UNSUPPORTED_MEDIA_TYPE", "Content type is not supported.", status=415
        )
    if call.world.get(CONTENT, job["id"]) is not None:
        raise RefusedError(
            "CLIENTINPUTERROR", f"Found multiple contents for job: <{job['id']}>"
        )
    size = len(call.body.encode())
    if size > call.world.switches["bulk_max_bytes"]:
        raise RefusedError(
            "CLIENTINPUTERROR", "The request content exceeds the maximum size"
        )
    call.world.put(CONTENT, job["id"], {"text": call.body})
    call.transaction.noted(job["id"], "applied", step="upload", bytes=size)
    return Answer(201)


def change(call: Call) -> Answer:
    """Close a job, so that it is worked off, or abort it."""
    job = _job(call)
    state = call.document().get("state")
    if state not in {CLOSED, ABORTED}:
        raise RefusedError("INVALIDJOBSTATE", f"Job state {state!r} cannot be set")
    if state == CLOSED:
        _insist(job, OPEN)
    elif job["state"] in ENDED:
        raise _wrong_state(job)
    _set_state(call, job, str(state))
    if state == CLOSED:
        delay = call.world.switches["bulk_queue_seconds"]
        call.world.later(delay, "bulk", job=job["id"])
    return Answer(200, _told(job, TOLD))


def read(call: Call) -> Answer:
    job = _job(call)
    call.transaction.noted(job["id"], "read", state=job["state"])
    return Answer(200, _told(job, (*TOLD, *MEASURED)))


def every(call: Call) -> Answer:
    jobs = [_told(job, (*TOLD, "jobType")) for job in call.world.every(KIND)]
    call.transaction.noted("", "read", rows=len(jobs))
    return Answer(200, {"done": True, "records": jobs[-PAGE:], "nextRecordsUrl": None})


def delete(call: Call) -> Answer:
    job = _job(call)
    if job["state"] in {CLOSED, WORKING}:
        raise _wrong_state(job)
    bulk_rows.forget(call.world, job)
    call.world.remove(KIND, job["id"])
    call.transaction.noted(job["id"], "applied", step="delete_job")
    return Answer(204)


def results(call: Call) -> Answer:
    """`which` of the three files: what became of each row, as CSV."""
    job = _job(call)
    if job["state"] not in ENDED:
        raise _wrong_state(job)
    which = call.params["which"].lower()
    text = bulk_rows.results_csv(call.world, job, which)
    call.transaction.noted(job["id"], "read", which=which)
    return Answer(200, text)


def _check_external_id(
    call: Call, operation: str, wanted: Document, sobject: str
) -> None:
    if operation != "upsert":
        return
    name = str(wanted.get("externalIdFieldName") or "")
    try:
        call.dml.external_id(call.schema.known(sobject), name)
    except RefusedError as error:
        raise RefusedError(
            "INVALIDJOB",
            f"InvalidJob : Field name provided, {name} does not match an External ID, "
            f"Salesforce Id, or indexed field for {sobject}",
        ) from error


def _one_of(wanted: Document, name: str, known: tuple[str, ...], usual: str) -> str:
    value = wanted.get(name, usual)
    if value not in known:
        raise RefusedError("INVALIDJOB", f"Unsupported {name}: {value}")
    return str(value)


def _job(call: Call) -> Document:
    job = call.world.get(KIND, call.params["job"])
    if job is None or re.fullmatch(r"\w{18}", call.params["job"]) is None:
        raise not_found()
    return job


def _insist(job: Document, state: str) -> None:
    if job["state"] != state:
        raise _wrong_state(job)


def _wrong_state(job: Document) -> RefusedError:
    return RefusedError(
        "INVALIDJOBSTATE", f"Job {job['id']} is in state {job['state']}"
    )


def _set_state(call: Call, job: Document, state: str) -> None:
    job["state"] = state
    job["systemModstamp"] = call.world.stamp()
    call.world.put(KIND, job["id"], job)
    call.transaction.noted(job["id"], "applied", step=state)


def _told(job: Document, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: job[name] for name in names if job.get(name) is not None}
