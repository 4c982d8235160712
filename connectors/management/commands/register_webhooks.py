"""`manage.py register_webhooks`: ask ShipHero to tell us, now and without a worker."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from connectors.accounts.models import Account
from connectors.models import WebhookRegistration
from connectors.sync import engine
from connectors.sync.register_webhooks import has_address, ring_for, start_rotation
from connectors.sync.registry import Lane


class Command(BaseCommand):
    help = (
        "Makes the webhook registrations stand at ShipHero, switched on, with our "
        "address. The workers do the same by themselves every few minutes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", help="the account's name; all without it")
        parser.add_argument(
            "--rotate",
            action="store_true",
            help="new addresses and secrets, overlapping",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not has_address():
            raise CommandError("Set SHIPSYNC_BASE_URL to the address of this host.")
        for account in self._accounts(options["account"]):
            if options["rotate"] and not start_rotation(account, now=timezone.now()):
                raise CommandError(f"{account}: no active registration to rotate.")
            ring_for(account, cause="manage.py register_webhooks", now=timezone.now())
            engine.work_once((Lane.BACKFILL,), clock=timezone.now)
            self._show(account)

    def _accounts(self, name: str | None) -> list[Account]:
        rows = Account.objects.order_by("name")
        found = list(rows.filter(name=name) if name else rows)
        if not found:
            names = ", ".join(rows.values_list("name", flat=True)) or "none"
            raise CommandError(f"There is no such account. There are: {names}.")
        return found

    def _show(self, account: Account) -> None:
        self.stdout.write(f"{account}:")
        rows = WebhookRegistration.objects.filter(account=account)
        for row in rows.exclude(state="retired"):
            standing = row.get_state_display() if row.is_enabled else "Switched off"
            health = f", {row.health}" if row.health else ""
            self.stdout.write(f"  {row.type_name}: {standing}{health}")
