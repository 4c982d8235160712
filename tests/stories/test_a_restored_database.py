"""An older database comes back: nothing that it forgot is created a second time."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from connectors.accounts.models import Audit, ScopedSetting
from connectors.models import FailedPayload, SyncCursor, SyncJob
from orders.models import Export, ExportLine, Order, Shipment
from tests.town import Town

pytestmark = pytest.mark.one_database  # what the remotes do is what differs


def forget_the_create(salesforce_id: str) -> None:
    """The backup was made just before the order was sent."""
    Shipment.objects.filter(export__order__salesforce_id=salesforce_id).delete()
    Export.objects.filter(order__salesforce_id=salesforce_id).update(
        remote_id="",
        remote_legacy_id=None,
        remote_number="",
        hold_kind="",
        held_at=None,
        released_at=None,
        closed_at=None,
        intent_at=None,
        sent=None,
        sent_hash="",
        acknowledged=None,
        facts=None,
        facts_read_at=None,
    )


def forget_the_order(salesforce_id: str) -> None:
    """The backup was made before the order was read from Salesforce."""
    forget_the_create(salesforce_id)
    order = Order.objects.get(salesforce_id=salesforce_id)
    ExportLine.objects.filter(export__order=order).delete()
    SyncJob.objects.filter(order=order).delete()
    order.exports.all().delete()
    order.delete()
    SyncCursor.objects.update(watermark=None)


def restored() -> str:
    out = StringIO()
    call_command("after_restore", account="Acme warehouse", stdout=out)
    return out.getvalue()


def live(town: Town, salesforce_id: str) -> list[str]:
    return [
        row["id"]
        for row in town.in_warehouse(salesforce_id)
        if row["fulfillment_status"] != "canceled"
    ]


def test_no_order_is_created_twice_after_a_restore(town: Town) -> None:
    town.shiphero.set_switches({"auto_floor": False})
    waiting = town.order(("MUG", 1))
    unread = town.order(("TEE", 1))
    town.run(minutes=2)
    before = {one: live(town, one) for one in (waiting, unread)}
    forget_the_create(waiting)
    forget_the_order(unread)
    said = restored()
    fresh = town.order(("CAP", 1))

    town.run(minutes=6)

    assert "before anything is created: 1." in said
    for one, ids in before.items():
        assert len(town.in_warehouse(one)) == 1
        assert live(town, one) == ids
        assert Export.objects.get(order__salesforce_id=one).remote_id == ids[0]
    assert len(town.in_warehouse(fresh)) == 1
    assert not FailedPayload.objects.filter(closed_at=None).exists()


def test_what_shipped_meanwhile_comes_back_shipped(town: Town) -> None:
    order = town.order(("MUG", 1))
    town.run(minutes=8)
    forget_the_create(order)
    restored()

    town.run(minutes=6)

    assert len(town.in_warehouse(order)) == 1
    assert Order.objects.get().state == "shipped"
    assert not FailedPayload.objects.filter(closed_at=None).exists()


def test_what_was_still_held_by_us_is_released(town: Town) -> None:
    order = town.order(("MUG", 1))
    town.salesforce.run_due()
    town.run(minutes=1)
    forget_the_order(order)
    hold_again(town, order)
    restored()

    town.run(minutes=8)

    assert len(town.in_warehouse(order)) == 1
    assert Order.objects.get().state == "shipped"


def hold_again(town: Town, salesforce_id: str) -> None:
    with town.shiphero.turn():
        for row in town.shiphero.every("order"):
            if row["partner_order_id"] == town.key(salesforce_id):
                row["holds"]["operator_hold"] = True
                town.shiphero.put("order", row["id"], row)


def test_an_order_activated_after_the_restore_rests_in_no_quarantine(
    town: Town,
) -> None:
    restored()
    town.clock.advance(60)
    order = town.order(("MUG", 1))

    town.run(minutes=1)

    assert len(town.in_warehouse(order)) == 1


@pytest.mark.parametrize("value", ["yesterday", "2099-01-01", "2099-01-01T00:00:00"])
def test_a_date_that_cannot_be_read_makes_us_look_first(town: Town, value: str) -> None:
    ScopedSetting.objects.create(key="restored_at", value=value, account=town.account)
    order = town.order(("MUG", 1))

    town.run(minutes=1)
    assert town.in_warehouse(order) == []
    assert Export.objects.get().intent_at is not None

    town.run(minutes=3)
    assert len(town.in_warehouse(order)) == 1


def test_a_restore_is_audited_and_can_be_told_twice(town: Town) -> None:
    restored()
    town.clock.advance(timedelta(minutes=1).total_seconds())
    restored()

    assert Audit.objects.filter(action="restore_database").count() == 2
    setting = ScopedSetting.objects.get(key="restored_at", account=town.account)
    assert setting.value == town.now().isoformat()


def test_an_account_that_does_not_exist_is_refused_by_name(town: Town) -> None:
    with pytest.raises(CommandError, match="There are: Acme warehouse"):
        call_command("after_restore", account="Acme")
