"""Looking at this host: settings, keys, clock, database, workers, what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min

from connectors import queue
from connectors.accounts.encryption import UnreadableSecrets
from connectors.accounts.models import Account
from connectors.accounts.rotation import encrypted_models
from connectors.doctor import house_rules as rules
from connectors.doctor.findings import Finding, failed, ok, warning
from connectors.models import (
    DeliveryState,
    FailedPayload,
    Heartbeat,
    SyncJob,
    WebhookDelivery,
)
from connectors.parent import SCHEDULES
from connectors.sync import alerts, claims, config, registry, watch
from connectors.sync.exports import quarantine_ends
from orders.models import Export

OVERDUE = timedelta(minutes=5)


def ground(clock: Callable[[], datetime]) -> Iterator[Finding]:
    """What everything stands on: only with all of it can the tables be looked at."""
    yield from database()
    yield rules.judge_clock(clock(), database_time())
    yield from system_checks()


def look(clock: Callable[[], datetime]) -> Iterator[Finding]:
    """What the tables tell without asking a remote system."""
    now = clock()
    yield rules.judge_people(
        get_user_model().objects.filter(is_active=True, is_staff=True).count()
    )
    yield secrets()
    yield from workers(now)
    yield from recurring()
    for account in Account.objects.order_by("name"):
        yield from _account(account, now)
    yield _parked()
    yield rules.judge_deliveries(
        WebhookDelivery.objects.filter(state=DeliveryState.FAILED).count()
    )


# -- settings and secrets ----------------------------------------------------


def system_checks() -> Iterator[Finding]:
    found = [
        message
        for message in checks.run_checks(include_deployment_checks=settings.PRODUCTION)
        if not message.is_silenced()
    ]
    for message in found:
        made = failed if message.is_serious() else warning
        yield made(f"settings.{message.id}", str(message.msg), str(message.hint or ""))
    if not found:
        yield ok("settings", "The settings are complete and do not contradict.")


def secrets() -> Finding:
    unreadable: list[str] = []
    readable = 0
    for model, names in encrypted_models():
        for row in model._default_manager.order_by("pk").iterator(chunk_size=500):
            values = [getattr(row, name) for name in names]
            if any(isinstance(value, UnreadableSecrets) for value in values):
                unreadable.append(f"{model._meta.verbose_name} {row}")
            else:
                readable += 1
    return rules.judge_secrets(unreadable, readable)


# -- the database ------------------------------------------------------------


def database() -> Iterator[Finding]:
    if connection.vendor == "sqlite":
        yield from rules.judge_sqlite(sqlite_facts())
    else:
        version, isolation = (
            _ask("SELECT version()"),
            _ask("SHOW transaction_isolation"),
        )
        yield rules.judge_postgres(str(version).split()[1], str(isolation))
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield rules.judge_migrations(
        [str(step) for step, _backwards in plan],
        is_empty=not executor.loader.applied_migrations,
    )


def sqlite_facts() -> rules.SqliteFacts:
    return rules.SqliteFacts(
        journal=str(_ask("PRAGMA journal_mode")),
        synchronous=int(_ask("PRAGMA synchronous")),
        mode=str(connection.settings_dict["OPTIONS"].get("transaction_mode") or ""),
    )


def database_time() -> datetime:
    if connection.vendor == "sqlite":
        told = _ask("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
        return datetime.fromisoformat(str(told)).replace(tzinfo=UTC)
    told = _ask("SELECT clock_timestamp()")
    assert isinstance(told, datetime)  # noqa: S101 - PostgreSQL's type
    return told


def _ask(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return row[0] if row else None


# -- workers -----------------------------------------------------------------


def workers(now: datetime) -> Iterator[Finding]:
    yield from rules.judge_workers(
        [
            rules.Worker(
                host=beat.host,
                beat_at=beat.beat_at,
                is_stopped=beat.is_stopped,
                is_stale=alerts.is_stale(beat, now=now),
                restarts=beat.restarts,
                last_reason=beat.last_restart_reason,
            )
            for beat in Heartbeat.objects.all()
        ]
    )
    yield rules.judge_bells(queue.waiting_bells(), 3 * settings.SHIPSYNC_WORKERS)
    yield rules.judge_schedules(list(SCHEDULES), queue.schedules(), now=now)
    oldest = claims.due_jobs(now).aggregate(oldest=Min("not_before"))["oldest"]
    yield rules.judge_due(oldest, now=now)


def recurring() -> Iterator[Finding]:
    """Polls are never parked, so that they fail must be said here."""
    kinds = {kind.name: kind for kind in registry.every_kind() if kind.every}
    failing = SyncJob.objects.filter(kind__in=kinds, attempts__gt=0)
    for job in failing.select_related("account", "organization"):
        yield warning(
            "worker.recurring",
            f"“{kinds[job.kind].title}” failed {job.attempts} times in a row: "
            f"{job.last_reason}",
            "It is tried again by itself; correct what it names.",
            str(job.account or job.organization or ""),
        )
    if not failing.exists():
        yield ok("worker.recurring", "The recurring jobs succeed.")


# -- accounts and orders -----------------------------------------------------


def _account(account: Account, now: datetime) -> Iterator[Finding]:
    yield from rules.judge_account(
        rules.AccountFacts(
            name=account.name,
            is_paused=account.paused,
            paused_reason=account.paused_reason,
            hold_kind=account.hold_kind,
            methods=len(config.shipping_methods(account).names),
        )
    )
    yield rules.judge_held(len(watch.held_too_long(account, now=now)), account.name)
    overdue, resting = _open_intents(account, now)
    yield rules.judge_unknown_outcomes(resting, overdue, account.name)


def _open_intents(account: Account, now: datetime) -> tuple[int, int]:
    """(beyond the quarantine and some minutes, resting)."""
    rows = Export.objects.filter(account=account).exclude(intent_at=None)
    ends = [quarantine_ends(export) for export in rows.select_related("account")]
    overdue = sum(1 for end in ends if end is not None and now - end > OVERDUE)
    return overdue, len(ends) - overdue


def _parked() -> Finding:
    rows = FailedPayload.objects.filter(closed_at=None).order_by().values("owner")
    counts = {row["owner"]: row["n"] for row in rows.annotate(n=Count("pk"))}
    return rules.judge_parked(dict(sorted(counts.items())))
