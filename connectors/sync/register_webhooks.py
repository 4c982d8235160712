"""Webhook registrations at ShipHero: written before the call, made again when in doubt."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from connectors.accounts.models import Account
from connectors.errors import RejectedError, System
from connectors.models import (
    RegistrationState,
    SyncJob,
    Trigger,
    WebhookRegistration,
)
from connectors.shiphero.account import WebhookFacts
from connectors.shiphero.client import ShipHeroClient
from connectors.sync.gaps import read_the_gap
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring
from connectors.sync.run import Run
from connectors.timing import scaled

TYPES = (
    "Shipment Update",
    "Order Allocated",
    "Order Deallocated",
    "Order Canceled",
    "Order Packed Out",
    "Package Added",
    "Tote Complete",
    "Tote Cleared",
    "Return Update",
    "Inventory Update",
    "Inventory Change",
    "PO Update",
)
# Two labels take turns, so that old and new stand beside each other for a while.
LABEL = "shipsync-a"
LABELS = (LABEL, "shipsync-b")
OVERLAP = timedelta(hours=1)
Standing = dict[tuple[str, str], WebhookFacts]


def has_address() -> bool:
    return bool(settings.SHIPSYNC_BASE_URL)


def label_of(account: Account, type_name: str) -> str:
    """The label under which a type stands, or is to stand: the newest one counts."""
    row = _rows(account).filter(type_name=type_name, secret_not_after=None).first()
    return row.label if row is not None else LABEL


def _rows(account: Account) -> QuerySet[WebhookRegistration]:
    rows = WebhookRegistration.objects.filter(account=account)
    return rows.exclude(state=RegistrationState.RETIRED)


def start_rotation(account: Account, *, now: datetime) -> int:
    """Want a second registration beside each; the first one ends after the overlap.

    Answers how many begin; those whose rotation is under way are left alone.
    """
    begun = 0
    with commit("rotate_webhooks"):
        busy = set(
            _rows(account)
            .exclude(secret_not_after=None)
            .values_list("type_name", flat=True)
        )
        rows = _rows(account).filter(state=RegistrationState.ACTIVE)
        for row in rows.exclude(type_name__in=busy):
            _want_beside(row, now)
            begun += 1
    return begun


def _want_beside(row: WebhookRegistration, now: datetime) -> None:
    other = LABELS[1] if row.label == LABELS[0] else LABELS[0]
    WebhookRegistration.objects.filter(pk=row.pk).update(
        secret_not_after=now + scaled(OVERLAP)
    )
    WebhookRegistration.objects.update_or_create(
        account_id=row.account_id,
        type_name=row.type_name,
        label=other,
        defaults={
            "token": secrets.token_urlsafe(32),
            "secrets": {},
            "remote_id": "",
            "state": RegistrationState.WANTED,
            "secret_not_after": None,
            "created_at": now,
        },
    )


def ring_for(
    account: Account, *, cause: str, now: datetime, actor_id: int | None = None
) -> None:
    """Look at the account's registrations now; a person asked if there is an actor."""
    ring(
        Ring(
            kind="register_webhooks",
            subject="all",
            account_id=account.pk,
            trigger=Trigger.PERSON if actor_id is not None else Trigger.SCHEDULE,
            cause=cause,
            actor_id=actor_id,
            reopens=True,
            hurries=True,
        ),
        now=now,
    )


def register_webhooks(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Make the registrations stand at ShipHero, switched on, with our address."""
    for job in jobs:
        assert job.account is not None  # noqa: S101 - rung per account
        if has_address():
            _stand(run, job, job.account)


def _stand(run: Run, job: SyncJob, account: Account) -> None:
    client = run.clients.shiphero(account)
    there = {(hook.name, hook.shop_name): hook for hook in client.webhooks.registered()}
    for type_name in TYPES:
        _ensure(run, job, client, _wanted_row(run, account, type_name), there)
    for row in _rows(account).filter(secret_not_after__lte=run.now()):
        _retire(run, job, client, row, there)


def _wanted_row(run: Run, account: Account, type_name: str) -> WebhookRegistration:
    with commit("want_webhook"):
        row, _ = WebhookRegistration.objects.get_or_create(
            account=account,
            type_name=type_name,
            label=label_of(account, type_name),
            defaults={"token": secrets.token_urlsafe(32), "created_at": run.now()},
        )
    return row


def _ensure(
    run: Run,
    job: SyncJob,
    client: ShipHeroClient,
    row: WebhookRegistration,
    there: Standing,
) -> None:
    fact = there.get((row.type_name, row.label))
    if row.state == RegistrationState.ACTIVE and fact and fact.url == address_of(row):
        _keep_on(run, job, client, row, fact)
        return
    if row.state != RegistrationState.WANTED:
        with commit("webhook_in_doubt"):
            WebhookRegistration.objects.filter(pk=row.pk).update(
                state=RegistrationState.WANTED
            )
    if fact is not None:
        # Its secret was told once, perhaps into a lost answer: only a new one helps.
        client.webhooks.delete(row.type_name, row.label)
    try:
        made = client.webhooks.register(row.type_name, address_of(row), row.label)
    except RejectedError:
        client.webhooks.delete(row.type_name, row.label)
        raise
    with commit("webhook_made"):
        WebhookRegistration.objects.filter(pk=row.pk).update(
            remote_id=made.remote_id,
            secrets=_with_previous(row, made.secret, run),
            state=RegistrationState.ACTIVE,
            is_enabled=True,
        )
    if row.state == RegistrationState.ACTIVE:
        # It was there and is gone: what it would have told since is read instead.
        read_the_gap(run, row)
    run.did(job, f"Registered {row.type_name}")


def _with_previous(row: WebhookRegistration, secret: str, run: Run) -> dict[str, str]:
    """The old secret stays good for a while: deliveries may be under way with it."""
    known = {"current": secret}
    if row.secrets.get("current"):
        until = run.now() + OVERLAP
        known |= {
            "previous": row.secrets["current"],
            "previous_not_after": until.isoformat(),
        }
    return known


def _keep_on(
    run: Run,
    job: SyncJob,
    client: ShipHeroClient,
    row: WebhookRegistration,
    fact: WebhookFacts,
) -> None:
    """Note the health; switch on again what ShipHero switched off, and read the gap.

    What happens while a registration is off is thrown away there, not queued.
    """
    is_off = fact.is_enabled is False
    WebhookRegistration.objects.filter(pk=row.pk).update(
        health=fact.health[:20], is_enabled=not is_off
    )
    if not is_off:
        return
    client.webhooks.enable(fact.remote_id)
    with commit("webhook_enabled"):
        WebhookRegistration.objects.filter(pk=row.pk).update(is_enabled=True)
        read_the_gap(run, row)
    run.did(job, f"Switched {row.type_name} on again")


def _retire(
    run: Run,
    job: SyncJob,
    client: ShipHeroClient,
    row: WebhookRegistration,
    there: Standing,
) -> None:
    """The overlap is over: take the old one away there, and believe it no more."""
    if (row.type_name, row.label) in there:
        client.webhooks.delete(row.type_name, row.label)
    with commit("webhook_retired"):
        WebhookRegistration.objects.filter(pk=row.pk).update(
            state=RegistrationState.RETIRED, secrets={}, is_enabled=False
        )
    run.did(job, f"Retired the old registration of {row.type_name}")


def address_of(row: WebhookRegistration) -> str:
    return f"{settings.SHIPSYNC_BASE_URL}/webhooks/shiphero/{row.token}/"


register(
    JobKind(
        name="register_webhooks",
        title="Keep webhooks registered",
        lane=Lane.BACKFILL,
        handler=register_webhooks,
        uses=frozenset({System.SHIPHERO}),
        priority=20,
        every="check_webhooks_seconds",
    )
)
