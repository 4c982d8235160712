"""What one request changes: undone together when it must not stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.salesforce.refusals import RefusedError, row_locked
from connectors.sandbox.salesforce.schema import Object
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.world import Document

ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


@dataclass(slots=True)
class _Note:
    subject: str
    outcome: str
    detail: dict[str, Any]


@dataclass(slots=True)
class Transaction:
    """Writes go through here; the ledger hears of them at `commit`.

    `late` is how many seconds other readers wait to see them; `lock_row` says at
    which of the coming writes another transaction holds the row.
    """

    world: SalesforceWorld
    user_id: str
    call: str
    late: float = 0.0
    lock_row: int | None = None
    _undo: list[tuple[str, str, Document | None]] = field(default_factory=list)
    _notes: list[_Note] = field(default_factory=list)

    def put(self, sobject: str, row: Document) -> None:
        row_id = str(row["Id"])
        before = self.world.get(sobject, row_id)
        if self.late:
            self.world.delay_commit(row_id, before, self.late)
        self._undo.append((sobject, row_id, before))
        self.world.put(sobject, row_id, row)

    def remove(self, sobject: str, row_id: str) -> None:
        self._undo.append((sobject, row_id, self.world.get(sobject, row_id)))
        self.world.remove(sobject, row_id)

    def applied(self, item: Object, row_id: str, what: str, changes: Document) -> None:
        """Note what a write changed, without the values of personal fields."""
        shown = {
            name: "(personal)"
            if (column := item.field(name)) is not None and column.personal and value
            else value
            for name, value in changes.items()
        }
        self._note(row_id, "applied", sobject=item.name, what=what, changes=shown)

    def refused(
        self, error: RefusedError, subject: str = "", sobject: str = ""
    ) -> None:
        self._note(subject, "refused", sobject=sobject, code=error.code)

    def read(self, sobject: str, rows: int, **detail: Any) -> None:
        self._note("", "read", sobject=sobject, rows=rows, **detail)

    def noted(self, subject: str, outcome: str, **detail: Any) -> None:
        """Note what is neither a row's change nor its refusal."""
        self._note(subject, outcome, **detail)

    @property
    def is_noted(self) -> bool:
        return bool(self._notes)

    def check_lock(self, row_id: str) -> None:
        """Every write asks for its row first. Raises UNABLE_TO_LOCK_ROW."""
        if row_id in self.world.switches["lock_always"]:
            raise row_locked(row_id)
        if self.lock_row is None:
            return
        self.lock_row -= 1
        if self.lock_row < 0:
            self.lock_row = None
            raise row_locked(row_id)

    def mark(self) -> tuple[int, int]:
        return len(self._undo), len(self._notes)

    def rollback(self, mark: tuple[int, int] = (0, 0)) -> None:
        """Undo everything since `mark`; what had been applied counts as refused."""
        undo, notes = mark
        for sobject, row_id, before in reversed(self._undo[undo:]):
            if before is None:
                self.world.remove(sobject, row_id)
            else:
                self.world.put(sobject, row_id, before)
        del self._undo[undo:]
        for note in self._notes[notes:]:
            if note.outcome == "applied":
                note.outcome = "refused"
                note.detail = {"sobject": note.detail["sobject"], "code": ROLLED_BACK}

    def commit(self) -> None:
        for note in self._notes:
            self.world.record(
                self.call, note.subject, note.outcome, user=self.user_id, **note.detail
            )
            if note.outcome == "applied" and "what" in note.detail:
                self.world.outbox.changed(
                    note.detail["sobject"],
                    note.subject,
                    note.detail["what"],
                    self.user_id,
                )
        self._undo.clear()
        self._notes.clear()

    def _note(self, subject: str, outcome: str, **detail: Any) -> None:
        self._notes.append(_Note(subject, outcome, detail))
