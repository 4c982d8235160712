"""Inventory levels to Salesforce: a few in collections, many through the Bulk API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.errors import ConnectorError, RejectedError, RowResult
from connectors.salesforce import writes
from connectors.salesforce.bulk import BulkIngest, BulkJob, is_wrong_state
from connectors.salesforce.calls import Caller
from connectors.salesforce.levels import BulkFile, level_row
from connectors.salesforce.writeback import WritebackFields
from inventory.levels import LevelWriteback

# Rows of one composite call: five collections of two hundred.
ROWS_PER_CALL = writes.MOST_ROWS * writes.MOST_COLLECTIONS


@dataclass(frozen=True, slots=True)
class InventoryCalls:
    """One organization's levels under the names it gave them. Raises ConnectorError."""

    caller: Caller
    names: WritebackFields

    @property
    def _bulk(self) -> BulkIngest:
        return BulkIngest(self.caller)

    def write(self, levels: Sequence[LevelWriteback]) -> list[RowResult]:
        """One result per level, in order. Levels of one product belong side by side.

        A call that fails as a whole is the error of each of its rows and of those
        after it; a refusal of a whole call says nothing of the next.
        """
        outcomes = writes.Outcomes()
        stopped: ConnectorError | None = None
        for group in writes.composites(self._collections(levels)):
            error = stopped or writes.send(self.caller, group, outcomes)
            if error is not None:
                writes.note_failure(group, error, outcomes)
            if not isinstance(error, RejectedError):
                stopped = error
        return [
            RowResult(one.key, error=outcomes.errors.get(one.key)) for one in levels
        ]

    def _collections(self, levels: Sequence[LevelWriteback]) -> list[writes.Collection]:
        path = f"composite/sobjects/{self.names.level_object}/{self.names.level_key}"
        rows = {one.key: (one.key, level_row(one, self.names)) for one in levels}
        return list(writes.cut(path, list(rows.values())))

    # -- many at once ----------------------------------------------------------------

    def begin(self) -> str:
        """A Bulk job that does nothing yet; answers its id."""
        return self._bulk.create(self.names.level_object, self.names.level_key)

    def file(self) -> BulkFile:
        """An empty file for a Bulk job, to be filled with levels."""
        return BulkFile(self.names)

    def fill(self, job_id: str, file: BulkFile) -> None:
        """Upload it. Of unknown outcome: give the job up."""
        self._bulk.upload(job_id, file.content())

    def start(self, job_id: str) -> BulkJob:
        """Let it run; a job that runs already, or has ended, is only looked at."""
        try:
            return self._bulk.close(job_id)
        except ConnectorError as error:
            if not is_wrong_state(error):
                raise
            return self._bulk.read(job_id)

    def give_up(self, job_id: str) -> BulkJob:
        """Abort; one that has ended is only looked at. What it has done stands."""
        try:
            return self._bulk.abort(job_id)
        except ConnectorError as error:
            if not is_wrong_state(error):
                raise
            return self._bulk.read(job_id)

    def look(self, job_id: str) -> BulkJob:
        return self._bulk.read(job_id)

    def refused(self, job_id: str) -> dict[str, ConnectorError]:
        return self._bulk.failed_rows(job_id, self.names.level_key)

    def untouched(self, job_id: str) -> set[str]:
        return self._bulk.unprocessed_keys(job_id, self.names.level_key)
