"""Bulk API 2.0 ingest over our own session: each step once, and never blindly again.

simple-salesforce's own Bulk client polls with sleeps, renews no token, has no time-outs
and does not raise the errors of rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from connectors.errors import ConnectorError, RejectedError, System, TransientError
from connectors.salesforce.calls import Caller
from connectors.salesforce.errors import Complaint, classify_complaint

OPEN = "Open"
ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
COMPLETE = "JobComplete"
WRONG_STATE = "salesforce.invalidjobstate"


@dataclass(frozen=True, slots=True)
class BulkJob:
    """Where a job stands. `message` is Salesforce's word on a job that failed."""

    job_id: str
    state: str
    processed: int = 0
    failed: int = 0
    message: str = ""

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class BulkIngest:
    """Upserts by external id. Every method is one call and raises ConnectorError.

    A `create` whose outcome is unknown leaves at worst an empty job, which does
    nothing. After an `upload` of unknown outcome the job is given up with `abort`;
    after a `close` or an `abort` of unknown outcome `read` tells.
    """

    caller: Caller

    def create(self, sobject: str, key_field: str) -> str:
        """A new, open job; answers its id."""
        told = self.caller.write(
            "POST",
            self._path(""),
            {
                "operation": "upsert",
                "object": sobject,
                "externalIdFieldName": key_field,
                "contentType": "CSV",
                "lineEnding": "LF",
                "columnDelimiter": "COMMA",
            },
        )
        return _job_from(told).job_id

    def upload(self, job_id: str, content: bytes) -> None:
        """The whole file at once: a second upload of a job is refused."""
        self.caller.upload(self._path(f"/{job_id}/batches"), content)

    def close(self, job_id: str) -> BulkJob:
        """Let Salesforce begin."""
        return self._set(job_id, "UploadComplete")

    def abort(self, job_id: str) -> BulkJob:
        return self._set(job_id, "Aborted")

    def read(self, job_id: str) -> BulkJob:
        return _job_from(self.caller.get(self._path(f"/{job_id}")))

    def failed_rows(self, job_id: str, key_field: str) -> dict[str, ConnectorError]:
        """By external id, what Salesforce said of each row that it refused."""
        rows = self._results(job_id, "failedResults")
        return {row.get(key_field, ""): _error_of(row) for row in rows}

    def unprocessed_keys(self, job_id: str, key_field: str) -> set[str]:
        """External ids of the rows that the job never came to."""
        rows = self._results(job_id, "unprocessedrecords")
        return {row.get(key_field, "") for row in rows}

    def _set(self, job_id: str, state: str) -> BulkJob:
        told = self.caller.write("PATCH", self._path(f"/{job_id}"), {"state": state})
        return _job_from(told)

    def _results(self, job_id: str, which: str) -> Iterator[dict[str, str]]:
        text = self.caller.get_text(self._path(f"/{job_id}/{which}"))
        return iter(csv.DictReader(StringIO(text, newline="")))

    def _path(self, rest: str) -> str:
        return self.caller.data_path(f"jobs/ingest{rest}")


def is_wrong_state(error: ConnectorError) -> bool:
    """The job is not where the call expected it: `read` tells where it is."""
    return isinstance(error, RejectedError) and error.code == WRONG_STATE


def _job_from(told: Any) -> BulkJob:
    if not isinstance(told, dict) or not told.get("id") or not told.get("state"):
        raise TransientError(
            "Salesforce's answer could not be read.",
            system=System.SALESFORCE,
            code="salesforce.unreadable",
        )
    return BulkJob(
        job_id=str(told["id"]),
        state=str(told["state"]),
        processed=int(told.get("numberRecordsProcessed") or 0),
        failed=int(told.get("numberRecordsFailed") or 0),
        message=str(told.get("errorMessage") or ""),
    )


def _error_of(row: dict[str, str]) -> ConnectorError:
    """`CODE:message:fields --`, where the message may hold colons of its own."""
    told = (row.get("sf__Error") or "").removesuffix("--").strip()
    code, _, rest = told.partition(":")
    message, _, fields = rest.rpartition(":")
    named = tuple(one for one in fields.split(",") if one)
    return classify_complaint(
        Complaint(code=code, message=message or rest, fields=named), is_write=True
    )
