"""What both worlds share: documents, an agenda of things to come, the ledger, a clock."""

from __future__ import annotations

import copy
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.sandbox.faults import FaultPlan

Document = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL,
    body TEXT NOT NULL, UNIQUE (kind, id)
);
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, call TEXT NOT NULL,
    subject TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS agenda (
    id INTEGER PRIMARY KEY AUTOINCREMENT, due TEXT NOT NULL, action TEXT NOT NULL,
    args TEXT NOT NULL
);
"""


class SandboxClock:
    """Real time, with durations shrunk by one scale."""

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the sandbox's own clock

    def span(self, seconds: float) -> timedelta:
        """The real time that stands for `seconds` in this world."""
        return timedelta(seconds=seconds / self.scale)


class FairLock:
    """A re-entrant lock that is given in the order of asking.

    A loop that lets go and asks again at once would otherwise keep everybody else
    waiting: threading's own locks promise no order.
    """

    def __init__(self) -> None:
        self._turns = threading.Condition()
        self._given = self._served = self._depth = 0
        self._owner: int | None = None

    def is_mine(self) -> bool:
        return self._owner == threading.get_ident()

    @property
    def asked(self) -> int:
        """How many hold it or wait for it."""
        return self._given - self._served

    def __enter__(self) -> None:
        if not self.is_mine():
            with self._turns:
                number = self._given
                self._given += 1
                self._turns.wait_for(lambda: self._served == number)
            self._owner = threading.get_ident()
        self._depth += 1

    def __exit__(self, *error: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._owner = None
            with self._turns:
                self._served += 1
                self._turns.notify_all()


class ManualClock(SandboxClock):
    """A clock that a test moves by hand, never backwards."""

    def __init__(self, start: datetime, scale: float = 1.0) -> None:
        super().__init__(scale)
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One thing that a world really did, or refused. Never changed, never removed.

    `outcome` is `applied`, `refused`, `read`, `lost` (asked, never done) or `sent`.
    """

    seq: int
    at: str
    call: str
    subject: str
    outcome: str
    detail: Document = field(default_factory=dict)


class World:
    """State that outlives its process, and the only judge of what was applied.

    Callers hold `self.lock` (see `turn`) around anything that reads or changes it.
    `path` None keeps everything in memory.
    """

    def __init__(
        self,
        *,
        path: Path | None = None,
        clock: SandboxClock | None = None,
        faults: FaultPlan | None = None,
        switches: dict[str, Any] | None = None,
    ) -> None:
        self.clock = clock or SandboxClock()
        self.faults = faults or FaultPlan()
        self.switches: dict[str, Any] = {**self.default_switches(), **(switches or {})}
        self.lock = FairLock()
        self._documents: dict[str, dict[str, Document]] = {}
        self._dirty: set[tuple[str, str]] = set()
        self._database = sqlite3.connect(
            str(path) if path else ":memory:", check_same_thread=False
        )
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(SCHEMA)
        self._load()

    # -- what a concrete world supplies ------------------------------------

    def default_switches(self) -> dict[str, Any]:
        """Every fact that is not certain, with the position we believe in."""
        return {}

    def perform(self, action: str, args: Document) -> None:
        """Do one thing that came due on the agenda."""
        raise NotImplementedError(action)

    # -- documents ---------------------------------------------------------

    def get(self, kind: str, doc_id: str) -> Document | None:
        """The live document; call `put` after changing it."""
        return self._documents.get(kind, {}).get(doc_id)

    def put(self, kind: str, doc_id: str, document: Document) -> Document:
        self._documents.setdefault(kind, {})[doc_id] = document
        self._dirty.add((kind, doc_id))
        return document

    def remove(self, kind: str, doc_id: str) -> None:
        self._documents.get(kind, {}).pop(doc_id, None)
        self._dirty.add((kind, doc_id))

    def every(self, kind: str) -> list[Document]:
        """All documents of a kind, oldest first."""
        return list(self._documents.get(kind, {}).values())

    def next_number(self, name: str, start: int = 1) -> int:
        """A counter that never repeats, also over restarts."""
        counter = self.get("counter", name) or {"value": start - 1}
        counter["value"] += 1
        self.put("counter", name, counter)
        return int(counter["value"])

    # -- turns, agenda, ledger ---------------------------------------------

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One exclusive, durable step: what it changed is stored when it ends.

        On an exception the changes stay in memory and are stored too: worlds
        decide before they change, and a fault after the effect is the point.
        """
        with self.lock:
            try:
                yield
            finally:
                self._store()

    def later(self, seconds: float, action: str, **args: Any) -> None:
        """Put an action on the agenda, `seconds` of world time from now."""
        due = self.clock.now() + self.clock.span(seconds)
        self._database.execute(
            "INSERT INTO agenda (due, action, args) VALUES (?, ?, ?)",
            (due.isoformat(), action, json.dumps(args)),
        )

    def run_due(self, limit: int = 1000) -> int:
        """Perform what has come due, oldest first; answers how many."""
        done = 0
        while done < limit:
            with self.turn():
                row = self._database.execute(
                    "SELECT id, action, args FROM agenda WHERE due <= ? "
                    "ORDER BY due, id LIMIT 1",
                    (self.clock.now().isoformat(),),
                ).fetchone()
                if row is None:
                    return done
                self._database.execute("DELETE FROM agenda WHERE id = ?", (row[0],))
                self.perform(row[1], json.loads(row[2]))
            done += 1
        return done

    def next_due(self) -> datetime | None:
        with self.lock:
            row = self._database.execute("SELECT MIN(due) FROM agenda").fetchone()
        return datetime.fromisoformat(row[0]) if row and row[0] else None

    def record(
        self, call: str, subject: str, outcome: str, **detail: Any
    ) -> LedgerEntry:
        """Append to the ledger."""
        at = self.clock.now().isoformat()
        cursor = self._database.execute(
            "INSERT INTO ledger (at, call, subject, outcome, detail) "
            "VALUES (?, ?, ?, ?, ?)",
            (at, call, subject, outcome, json.dumps(detail, default=str)),
        )
        return LedgerEntry(cursor.lastrowid or 0, at, call, subject, outcome, detail)

    def ledger(self, after: int = 0, call: str | None = None) -> list[LedgerEntry]:
        """The entries after sequence number `after`, optionally of one call."""
        with self.lock:
            rows = self._database.execute(
                "SELECT seq, at, call, subject, outcome, detail FROM ledger "
                "WHERE seq > ? AND (? IS NULL OR call = ?) ORDER BY seq",
                (after, call, call),
            ).fetchall()
        return [
            LedgerEntry(seq, at, name, subject, outcome, json.loads(detail))
            for seq, at, name, subject, outcome, detail in rows
        ]

    def snapshot(self, kind: str) -> list[Document]:
        """A copy of all documents of a kind, for judges."""
        with self.lock:
            return copy.deepcopy(self.every(kind))

    def close(self) -> None:
        with self.lock:
            self._store()
            self._database.close()

    def _load(self) -> None:
        for kind, doc_id, body in self._database.execute(
            "SELECT kind, id, body FROM documents ORDER BY seq"
        ):
            self._documents.setdefault(kind, {})[doc_id] = json.loads(body)

    def _store(self) -> None:
        for kind, doc_id in self._dirty:
            document = self.get(kind, doc_id)
            if document is None:
                self._database.execute(
                    "DELETE FROM documents WHERE kind = ? AND id = ?", (kind, doc_id)
                )
            else:
                self._database.execute(
                    "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?) "
                    "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                    (kind, doc_id, json.dumps(document, default=str)),
                )
        self._dirty.clear()
        self._database.commit()


Sender = Callable[[str, dict[str, str], bytes], int]
