"""Webhook registrations at ShipHero: written before the call, made again when in doubt."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings

from connectors.accounts.models import Account
from connectors.errors import RejectedError, System
from connectors.models import RegistrationState, SyncJob, WebhookRegistration
from connectors.shiphero.account import WebhookFacts
from connectors.shiphero.client import ShipHeroClient
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run

TYPES = (
    "Shipment Update",
    "Order Allocated",
    "Order Deallocated",
    "Order Canceled",
    "Order Packed Out",
    "Tote Complete",
)
LABEL = "shipsync-a"


def register_webhooks(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Make the registrations stand at ShipHero, switched on, with our address."""
    for job in jobs:
        account = job.account
        assert account is not None  # noqa: S101 - rung per account
        if not settings.SHIPSYNC_BASE_URL:
            continue
        client = run.clients.shiphero(account)
        there = {(hook.name, hook.shop_name): hook for hook in client.list_webhooks()}
        for type_name in TYPES:
            _ensure(run, job, client, account, type_name, there)


def _ensure(
    run: Run,
    job: SyncJob,
    client: ShipHeroClient,
    account: Account,
    type_name: str,
    there: dict[tuple[str, str], WebhookFacts],
) -> None:
    with commit("want_webhook"):
        row, _ = WebhookRegistration.objects.get_or_create(
            account=account,
            type_name=type_name,
            label=LABEL,
            defaults={"token": secrets.token_urlsafe(32), "created_at": run.now()},
        )
    fact = there.get((type_name, LABEL))
    if row.state == RegistrationState.ACTIVE and fact and fact.url == address_of(row):
        _keep_on(run, job, client, row, fact)
        return
    with commit("webhook_in_doubt"):
        WebhookRegistration.objects.filter(pk=row.pk).update(
            state=RegistrationState.WANTED
        )
    if fact is not None:
        # Its secret was told once, perhaps into a lost answer: only a new one helps.
        client.delete_webhook(type_name, LABEL)
    try:
        made = client.register_webhook(type_name, address_of(row), LABEL)
    except RejectedError:
        client.delete_webhook(type_name, LABEL)
        raise
    with commit("webhook_made"):
        WebhookRegistration.objects.filter(pk=row.pk).update(
            remote_id=made.remote_id,
            secrets=_with_previous(row, made.secret, run),
            state=RegistrationState.ACTIVE,
            is_enabled=True,
        )
    run.did(job, f"Registered {type_name}")


def _with_previous(row: WebhookRegistration, secret: str, run: Run) -> dict[str, str]:
    """The old secret stays good for a while: deliveries may be under way with it."""
    known = {"current": secret}
    if row.secrets.get("current"):
        until = run.now() + timedelta(hours=1)
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
    """Note the health; switch on again what ShipHero switched off."""
    WebhookRegistration.objects.filter(pk=row.pk).update(
        health=fact.health[:20], is_enabled=fact.is_enabled is not False
    )
    if fact.is_enabled is False:
        client.enable_webhook(fact.remote_id)
        run.did(job, f"Switched {row.type_name} on again")


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
