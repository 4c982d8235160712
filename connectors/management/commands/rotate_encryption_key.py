"""After a new key was put first in SHIPSYNC_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError

from connectors.accounts.rotation import rotate_all


class Command(BaseCommand):
    help = (
        "Encrypt every stored secret with the newest key of SHIPSYNC_ENCRYPTION_KEYS. "
        "Afterwards the older keys may be removed."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        rotation = rotate_all()
        self.stdout.write(f"{rotation.rotated} rows encrypted with the newest key.")
        if rotation.unreadable:
            raise CommandError(
                "No key fits these, enter their secrets again or add the key: "
                + "; ".join(rotation.unreadable)
            )
