"""Registrations: made, switched on again with the gap read, rotated with an overlap."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from connectors.models import SyncCursor, SyncJob, WebhookRegistration
from connectors.sync.register_webhooks import TYPES, ring_for
from connectors.sync.webhook_actions import rotate_webhooks
from tests.stories.reading import a_user
from tests.town import Town

pytestmark = pytest.mark.one_database  # what the remotes do is what differs


def there(town: Town) -> dict[tuple[str, str], dict[str, Any]]:
    rows = town.shiphero.every("webhook")
    return {(row["name"], row["shop_name"]): row for row in rows}


def look(town: Town) -> None:
    ring_for(town.account, cause="Test", now=town.now())
    town.tick(1)


def test_every_type_stands_with_an_address_of_its_own(town: Town) -> None:
    found = there(town)

    assert {name for name, _ in found} == set(TYPES)
    assert len({row["url"] for row in found.values()}) == len(TYPES)


def test_what_was_switched_off_is_on_again_and_its_gap_is_read(town: Town) -> None:
    town.run(minutes=30, step=60)
    (row,) = WebhookRegistration.objects.filter(type_name="Shipment Update")
    hook = there(town)["Shipment Update", "shipsync-a"]
    with town.shiphero.turn():
        town.shiphero.put(
            "webhook", hook["id"], {**hook, "enabled": False, "health": "UNHEALTHY"}
        )
    cursor = SyncCursor.objects.get(name=f"shiphero_orders:{town.account.pk}")
    assert cursor.watermark is not None
    assert cursor.watermark > row.created_at

    look(town)

    row.refresh_from_db()
    assert there(town)["Shipment Update", "shipsync-a"]["enabled"]
    assert (row.is_enabled, row.health) == (True, "UNHEALTHY")
    poll = SyncJob.objects.get(kind="poll_warehouse")
    assert "was off since" in poll.cause
    assert SyncCursor.objects.get(pk=cursor.pk).rows_read >= cursor.rows_read


def test_a_rotation_overlaps_and_then_ends_the_old_ones(town: Town) -> None:
    before = {row["url"] for row in there(town).values()}

    rotate_webhooks(
        account=town.account, why="A person left.", user=a_user(), now=town.now()
    )
    town.tick(1)
    both = there(town)
    assert len(both) == 2 * len(TYPES)
    assert before < {row["url"] for row in both.values()}

    town.clock.advance(3700)
    look(town)
    after = there(town)
    assert {label for _, label in after} == {"shipsync-b"}
    assert not before & {row["url"] for row in after.values()}
    retired = WebhookRegistration.objects.filter(state="retired")
    assert {row.label for row in retired} == {"shipsync-a"}
    assert not any(row.secrets for row in retired)


class TestCommand:
    def test_it_registers_and_says_what_stands(self, town: Town) -> None:
        with town.shiphero.turn():
            for row in list(town.shiphero.every("webhook")):
                town.shiphero.remove("webhook", row["id"])
        said = StringIO()

        call_command("register_webhooks", "--account", town.account.name, stdout=said)

        assert len(there(town)) == len(TYPES)
        assert "Shipment Update: Active" in said.getvalue()

    def test_an_unknown_account_is_told_which_there_are(self, town: Town) -> None:
        with pytest.raises(CommandError, match="Acme warehouse"):
            call_command("register_webhooks", "--account", "Nobody")

    def test_without_an_address_it_says_what_to_set(
        self, town: Town, settings: Any
    ) -> None:
        settings.SHIPSYNC_BASE_URL = ""

        with pytest.raises(CommandError, match="SHIPSYNC_BASE_URL"):
            call_command("register_webhooks")
