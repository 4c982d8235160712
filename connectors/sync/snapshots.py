"""Snapshots of stock: asked for, waited for, downloaded, read whole, then taken over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings

from connectors.accounts import scoped
from connectors.accounts.models import Account
from connectors.errors import ConnectorError, RejectedError, System, TransientError
from connectors.models import SyncJob
from connectors.shiphero.snapshot_file import (
    SnapshotFileError,
    layout_of,
    read_snapshot,
)
from connectors.shiphero.stock import StockDesk
from connectors.sync import spool
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from connectors.sync.snapshot_rows import apply_rows
from connectors.sync.windows import go_on
from connectors.timing import scaled
from inventory.models import SnapshotState, StockSnapshot
from inventory.records import SnapshotTicket

LOOK_AFTER = timedelta(seconds=15)
MOST_TRIES = 3
# ShipHero's words for where a snapshot stands.
DONE = "success"
ENDED = {"error": SnapshotState.FAILED, "aborted": SnapshotState.ABORTED}
OPEN = (
    SnapshotState.WANTED,
    SnapshotState.ASKED,
    SnapshotState.READY,
    SnapshotState.READING,
)


def pull_stock_snapshot(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Bring each account's snapshot one step further; begin one where none is open."""
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        advance(run, job, _open_one(job.account, run))


def refresh_warehouse(run: Run, jobs: Sequence[SyncJob]) -> None:
    """The same for one warehouse, because a person asked."""
    for job in jobs:
        snapshot = StockSnapshot.objects.select_related("account", "warehouse")
        found = snapshot.filter(pk=job.subject, state__in=OPEN).first()
        if found is not None:
            advance(run, job, found)


def _open_one(account: Account, run: Run) -> StockSnapshot:
    rows = StockSnapshot.objects.select_related("account", "warehouse")
    found = rows.filter(account=account, warehouse=None, state__in=OPEN).first()
    return found or StockSnapshot.objects.create(account=account, created_at=run.now())


def advance(run: Run, job: SyncJob, snapshot: StockSnapshot) -> None:
    """One step; a snapshot that ends badly says why, on itself and in the log."""
    desk = run.clients.shiphero(snapshot.account).stock
    steps: dict[str, Callable[[], None]] = {
        SnapshotState.WANTED: lambda: _ask(run, job, snapshot, desk),
        SnapshotState.ASKED: lambda: _look(run, job, snapshot, desk),
        SnapshotState.READY: lambda: _fetch(run, job, snapshot, desk),
        SnapshotState.READING: lambda: _read(run, job, snapshot),
    }
    try:
        steps[snapshot.state]()
    except (RejectedError, SnapshotFileError) as error:
        _try_again_or_end(run, snapshot, error)
        raise


def _ask(run: Run, job: SyncJob, snapshot: StockSnapshot, desk: StockDesk) -> None:
    """Stamped with the time before asking. One asked for twice by accident only costs."""
    asked_at = run.now()
    place = snapshot.warehouse.remote_id if snapshot.warehouse else ""
    ticket = desk.ask_for_snapshot(place)
    snapshot.remote_id = ticket.remote_id[:80]
    _move(snapshot, SnapshotState.ASKED, ticket, asked_at=asked_at, looked_at=run.now())
    run.later(job, run.now() + scaled(LOOK_AFTER), "ShipHero makes the snapshot.")


def _look(run: Run, job: SyncJob, snapshot: StockSnapshot, desk: StockDesk) -> None:
    ticket = desk.snapshot(snapshot.remote_id)
    if ticket.status == DONE:
        _move(snapshot, SnapshotState.READY, ticket, looked_at=run.now())
        go_on(run, job)
    elif ticket.status in ENDED:
        words = ticket.error or "ShipHero gave no reason."
        _end(run, snapshot, ENDED[ticket.status], words)
        raise _given_up(f"ShipHero made no snapshot: {words}", ticket.status)
    elif _is_late(run, snapshot):
        _give_up_waiting(run, snapshot, desk)
    else:
        _move(snapshot, SnapshotState.ASKED, ticket, looked_at=run.now())
        run.later(job, run.now() + scaled(LOOK_AFTER), "ShipHero makes the snapshot.")


def _is_late(run: Run, snapshot: StockSnapshot) -> bool:
    patience = scoped.lookup("snapshot_patience_seconds", account=snapshot.account)
    asked_at = snapshot.asked_at or run.now()
    return run.now() - asked_at > scaled(patience.seconds)


def _give_up_waiting(run: Run, snapshot: StockSnapshot, desk: StockDesk) -> None:
    """Without the abort it would stand in the way of the next one."""
    words = "ShipHero did not finish the snapshot in time."
    _end(run, snapshot, SnapshotState.FAILED, words)
    desk.abort_snapshot(snapshot.remote_id, "Not finished in time")
    raise _given_up(words, "late")


def _fetch(run: Run, job: SyncJob, snapshot: StockSnapshot, desk: StockDesk) -> None:
    """Save the file and read it whole, before a single row is taken over."""
    ticket = desk.snapshot(snapshot.remote_id)
    expires = ticket.expires_at
    if expires is not None and expires <= run.now():
        words = "Its file could be read until " + expires.isoformat(timespec="minutes")
        _end(run, snapshot, SnapshotState.EXPIRED, words)
        raise _given_up(f"The snapshot expired. {words}", "url_expired")
    snapshot.tries += 1
    size, rows = _spool(snapshot, desk, ticket)
    snapshot.size, snapshot.rows, snapshot.offset = size, 0, 0
    if not rows and snapshot.account.snapshots.filter(rows__gt=0).exists():
        raise SnapshotFileError(
            "The snapshot holds no product, though earlier ones did.",
            system=System.SHIPHERO,
            code="stock.file_empty",
        )
    _move(snapshot, SnapshotState.READING, ticket, started_at=run.now())
    go_on(run, job)


def _spool(
    snapshot: StockSnapshot, desk: StockDesk, ticket: SnapshotTicket
) -> tuple[int, int]:
    """(bytes downloaded, rows found)."""
    raw = spool.raw_path(snapshot.pk)
    try:
        size = desk.download(ticket, raw, most=settings.SHIPSYNC_SNAPSHOT_MAX_BYTES)
        snapshot.layout = layout_of(raw)
        rows = read_snapshot(raw, accounts=_ids_of(snapshot.account))
        return size, spool.write(snapshot.pk, rows)
    finally:
        raw.unlink(missing_ok=True)


def _ids_of(account: Account) -> list[str]:
    """Whose file it may be: the customer's, else the login's own account."""
    if account.customer_account_id:
        return [account.customer_account_id]
    return [account.fingerprint] if account.fingerprint else []


def _read(run: Run, job: SyncJob, snapshot: StockSnapshot) -> None:
    """Take over as much as there is time for; what is done stands in the snapshot."""
    if not spool.exists(snapshot.pk):
        # Another host has it, or the disk was cleaned: the file is fetched again.
        _move(snapshot, SnapshotState.READY)
        go_on(run, job)
        return
    if not apply_rows(run, snapshot):
        go_on(run, job)
        return
    spool.remove(snapshot.pk)
    run.did(job, _in_words(snapshot))


def _in_words(snapshot: StockSnapshot) -> str:
    return (
        f"{snapshot.rows} counts read, {snapshot.changed} moved, "
        f"{snapshot.missed} missed before, {snapshot.absent} absent, "
        f"{snapshot.odd} not believed"
    )


def _try_again_or_end(run: Run, snapshot: StockSnapshot, error: ConnectorError) -> None:
    """A damaged file may come whole next time; what is refused is over."""
    if not snapshot.is_open:
        return
    spool.remove(snapshot.pk)
    if isinstance(error, TransientError) and snapshot.tries < MOST_TRIES:
        snapshot.error = error.reason
        _move(snapshot, SnapshotState.READY)
        return
    is_expired = error.code == "stock.url_expired"
    state = SnapshotState.EXPIRED if is_expired else SnapshotState.FAILED
    _end(run, snapshot, state, error.reason)


def _end(run: Run, snapshot: StockSnapshot, state: SnapshotState, words: str) -> None:
    snapshot.error = words
    _move(snapshot, state, finished_at=run.now())


def _move(
    snapshot: StockSnapshot,
    state: SnapshotState,
    ticket: SnapshotTicket | None = None,
    **values: object,
) -> None:
    snapshot.state = state
    if ticket is not None:
        snapshot.remote_status = ticket.status[:40]
        snapshot.url_expires_at = ticket.expires_at
    for name, value in values.items():
        setattr(snapshot, name, value)
    with commit("snapshot"):
        snapshot.save()


def _given_up(words: str, code: str) -> RejectedError:
    return RejectedError(words, system=System.SHIPHERO, code=f"stock.{code}")


register(
    JobKind(
        name="pull_stock_snapshot",
        title="Read all stock from a snapshot",
        lane=Lane.INVENTORY,
        handler=pull_stock_snapshot,
        uses=frozenset({System.SHIPHERO}),
        priority=60,
        every="stock_snapshot_seconds",
    )
)
register(
    JobKind(
        name="refresh_warehouse",
        title="Read a warehouse's stock from a snapshot",
        lane=Lane.INVENTORY,
        handler=refresh_warehouse,
        uses=frozenset({System.SHIPHERO}),
        priority=35,
    )
)
