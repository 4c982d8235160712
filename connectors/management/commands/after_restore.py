"""`manage.py after_restore`: once, after an older database came back, workers stopped."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from connectors.accounts.models import Account
from connectors.sync.restored import after_restore


class Command(BaseCommand):
    help = (
        "Tells ShipSync that this database is older than the warehouse: what may have "
        "been created there is looked up before anything is created again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True, help="the account's name")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(name=options["account"]).first()
        if account is None:
            names = ", ".join(Account.objects.values_list("name", flat=True)) or "none"
            raise CommandError(f"There is no such account. There are: {names}.")
        doubted = after_restore(account=account, now=timezone.now())
        self.stdout.write(
            f"Exports of {account} that are looked up in ShipHero by their key before "
            f"anything is created: {doubted.exports}. Start the workers now."
        )
