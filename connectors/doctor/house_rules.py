"""Judging what this host, its database and its workers look like. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.doctor.findings import Finding, failed, ok, warning

MIGRATIONS = "database.migrations"
CLOCK_TOLERANCE = timedelta(seconds=2)
CLOCK_LIMIT = timedelta(seconds=30)
DUE_TOO_LONG = timedelta(minutes=1)
SCHEDULE_TOO_LATE = timedelta(minutes=10)
START_WORKER = "Start `manage.py work` on a host that reaches the database."


def judge_clock(host: datetime, database: datetime) -> Finding:
    """Leases are given and judged by hosts' clocks, so they must agree."""
    apart = abs(host - database)
    says = (
        f"This host's clock and the database's are {apart.total_seconds():.1f} s apart."
    )
    fix = "Let every host keep its time by NTP."
    if apart > CLOCK_LIMIT:
        return failed("clock.database", says, fix)
    if apart > CLOCK_TOLERANCE:
        return warning("clock.database", says, fix)
    return ok("clock.database", says)


@dataclass(frozen=True, slots=True)
class SqliteFacts:
    """As the pragmas say it; `mode` is how transactions begin."""

    journal: str
    synchronous: int
    mode: str


def judge_sqlite(facts: SqliteFacts) -> list[Finding]:
    findings = []
    if facts.journal.lower() != "wal" or facts.mode.upper() != "IMMEDIATE":
        findings.append(
            failed(
                "database.engine",
                f"SQLite runs with journal {facts.journal} and "
                f"{facts.mode or 'deferred'} transactions: two processes block each other.",
                "Keep the database options of shipsync_site/settings.py.",
            )
        )
    else:
        findings.append(
            ok("database.engine", "SQLite with WAL and IMMEDIATE: for one host.")
        )
    if facts.synchronous < 2:
        findings.append(
            warning(
                "database.durability",
                "SQLite does not wait for the disk: a power cut can lose deliveries "
                "that were acknowledged.",
                "Keep PRAGMA synchronous=FULL of shipsync_site/settings.py.",
            )
        )
    return findings


def judge_postgres(version: str, isolation: str) -> Finding:
    says = f"PostgreSQL {version}, isolation “{isolation}”."
    if isolation.lower() != "read committed":
        return failed(
            "database.engine",
            says,
            "Set default_transaction_isolation of this database to “read committed”: "
            "the compare-and-sets are written for it.",
        )
    return ok("database.engine", says)


def judge_migrations(missing: Sequence[str], *, is_empty: bool = False) -> Finding:
    """Without all of them nothing else in the tables can be looked at."""
    if is_empty:
        says = "The database is empty. The rest was not looked at."
        return failed(MIGRATIONS, says, "Run `manage.py migrate`, then look again.")
    if missing:
        shown = ", ".join(missing[:5]) + (" and more" if len(missing) > 5 else "")
        says = f"Migrations are not applied: {shown}. The rest was not looked at."
        fix = "Stop the workers, run `manage.py migrate`, start them again."
        return failed(MIGRATIONS, says, fix)
    return ok(MIGRATIONS, "All migrations are applied.")


def judge_people(staff: int) -> Finding:
    if not staff:
        fix = "Run `manage.py createsuperuser`; give everybody else a role there."
        return failed("setup.people", "Nobody can sign in to the console.", fix)
    return ok("setup.people", f"People who can sign in to the console: {staff}.")


@dataclass(frozen=True, slots=True)
class Worker:
    """One host's heartbeat; `is_stale` as the alerts judge it."""

    host: str
    beat_at: datetime
    is_stopped: bool
    is_stale: bool
    restarts: int = 0
    last_reason: str = ""


def judge_workers(workers: Sequence[Worker]) -> list[Finding]:
    if not workers:
        return [failed("worker.heartbeat", "No worker ever ran.", START_WORKER)]
    findings = [_judge_worker(worker) for worker in workers]
    if all(worker.is_stale for worker in workers):
        newest = max(worker.beat_at for worker in workers)
        findings.append(
            failed(
                "worker.heartbeat",
                "No worker is alive; the last sign of life was at "
                f"{newest:%Y-%m-%d %H:%M:%S} UTC. Orders wait, nothing is lost.",
                START_WORKER,
            )
        )
    return findings


def _judge_worker(worker: Worker) -> Finding:
    check = "worker.host"
    if worker.is_stopped:
        return ok(check, "Stopped on purpose.", worker.host)
    if worker.is_stale:
        return warning(
            check,
            f"Silent since {worker.beat_at:%Y-%m-%d %H:%M:%S} UTC.",
            "Start `manage.py work` on that host again.",
            worker.host,
        )
    restarts = ""
    if worker.restarts:
        times = "once" if worker.restarts == 1 else f"{worker.restarts} times"
        restarts = f" It restarted its workers {times}"
        restarts += (
            f", last because {worker.last_reason}." if worker.last_reason else "."
        )
    return ok(check, f"Alive.{restarts}", worker.host)


def judge_bells(waiting: int, room: int) -> Finding:
    says = f"Tasks that wait in the queue: {waiting}."
    if waiting > room:
        return warning(
            "worker.queue",
            says,
            "Nobody takes them. Restart `manage.py work`; tasks may be lost, work is not.",
        )
    return ok("worker.queue", says)


def judge_due(oldest: datetime | None, *, now: datetime) -> Finding:
    if oldest is not None and now - oldest > DUE_TOO_LONG:
        return warning(
            "worker.progress",
            f"Work has been due since {oldest:%Y-%m-%d %H:%M:%S} UTC and is not taken.",
            "If it does not shrink, raise SHIPSYNC_WORKERS or look at the worker's log.",
        )
    return ok("worker.progress", "Due work is taken within a minute.")


def judge_schedules(
    wanted: Sequence[str], known: Mapping[str, datetime | None], *, now: datetime
) -> Finding:
    """`known` is name → when it is to run next."""
    missing = [name for name in wanted if name not in known]
    if missing:
        return warning(
            "worker.schedules",
            f"Missing schedules: {', '.join(missing)}.",
            "`manage.py work` makes them within half a minute of its start.",
        )
    late = [
        name
        for name in wanted
        if (next_run := known[name]) and now - next_run > SCHEDULE_TOO_LATE
    ]
    if late:
        return warning(
            "worker.schedules",
            f"Schedules that do not run: {', '.join(late)}.",
            "Restart `manage.py work`.",
        )
    return ok("worker.schedules", f"{len(wanted)} schedules stand.")


def judge_secrets(unreadable: Sequence[str], readable: int) -> Finding:
    if unreadable:
        return failed(
            "secrets.readable",
            f"No encryption key fits the secrets of: {'; '.join(unreadable)}.",
            "Add the old key to SHIPSYNC_ENCRYPTION_KEYS, or enter these secrets again.",
        )
    if not readable:
        return ok("secrets.readable", "No secrets are stored yet.")
    return ok("secrets.readable", f"The keys open all stored secrets ({readable}).")


@dataclass(frozen=True, slots=True)
class AccountFacts:
    name: str
    is_paused: bool
    paused_reason: str
    hold_kind: str
    methods: int


def judge_account(account: AccountFacts) -> list[Finding]:
    findings = []
    if account.is_paused:
        findings.append(
            warning(
                "account.pause",
                f"Paused: {account.paused_reason or 'no reason given'}",
                "“Resume” on the account's page; the first time, that is go-live.",
                account.name,
            )
        )
    else:
        findings.append(ok("account.pause", "Open: orders go out.", account.name))
    if not account.hold_kind:
        findings.append(
            warning(
                "account.hold_kind",
                "No hold kind is reserved for ShipSync: if an answer is lost, a "
                "duplicate can reach the floor.",
                "Reserve a hold kind in ShipHero and choose it on the account's page.",
                account.name,
            )
        )
    if not account.methods:
        findings.append(
            warning(
                "account.methods",
                "No shipping method is mapped: every order will be parked.",
                "Add “Shipping methods” for this account under “Maps and rules”.",
                account.name,
            )
        )
    return findings


def judge_held(late: int, account: str) -> Finding:
    if late:
        return failed(
            "orders.held",
            f"{late} orders have been held by ShipSync in ShipHero for too long.",
            "Open “Held by us too long” on the home page: retry each, or release it in ShipHero.",
            account,
        )
    return ok("orders.held", "No order is held by us for too long.", account)


def judge_unknown_outcomes(resting: int, overdue: int, account: str) -> Finding:
    if overdue:
        return warning(
            "orders.unknown_outcome",
            f"{overdue} creates have an unknown outcome beyond their quarantine.",
            "They are looked up once the account is open and ShipHero answers; look at "
            "these orders' failures.",
            account,
        )
    says = (
        f"{resting} creates rest in quarantine."
        if resting
        else "No create is in doubt."
    )
    return ok("orders.unknown_outcome", says, account)


def judge_parked(by_owner: Mapping[str, int]) -> Finding:
    total = sum(by_owner.values())
    if total:
        shares = ", ".join(f"{count} for {name}" for name, count in by_owner.items())
        return warning(
            "orders.parked",
            f"{total} failures are open: {shares}.",
            "Open “Failures”: each has its reason, its fix and a retry button.",
        )
    return ok("orders.parked", "Nothing is parked.")


def judge_deliveries(failed_count: int) -> Finding:
    if failed_count:
        return warning(
            "webhooks.unreadable",
            f"{failed_count} webhooks could not be read.",
            "Open “Webhooks”, filtered by failed; their raw bodies are kept.",
        )
    return ok("webhooks.unreadable", "Every webhook could be read.")
