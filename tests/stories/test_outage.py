"""An outage is one open breaker, not a failure for each order."""

from __future__ import annotations

import pytest

from connectors.accounts.models import Account, BreakerState, Credential
from connectors.models import FailedPayload, SyncJob
from orders.models import OrderState
from tests.stories.reading import creates, insist_on_once, status, until
from tests.town import Town

pytestmark = pytest.mark.one_database  # what the remotes do is what differs


@pytest.mark.parametrize("outage", ["refused", "503"])
def test_shiphero_down_for_an_hour_parks_nothing(town: Town, outage: str) -> None:
    town.shiphero.set_switches({"outage": outage})
    orders = [town.order() for _ in range(8)]

    town.run(minutes=60, step=15)

    credential = Credential.objects.get(system="shiphero")
    assert credential.breaker_state != BreakerState.CLOSED
    assert not FailedPayload.objects.exists()
    pushes = SyncJob.objects.filter(kind="push_order")
    assert max(pushes.values_list("attempts", flat=True)) <= 3

    town.shiphero.set_switches({"outage": ""})
    until(town, lambda: all(status(town, one) == "Shipped" for one in orders), 40, 15)
    for order in orders:
        assert creates(town, order) == 1
        insist_on_once(town, order)


def test_an_order_says_that_it_stopped_while_salesforce_cannot_be_told(
    town: Town,
) -> None:
    order = town.order(ShipSync_Shipping_Method__c="Drone")
    Account.objects.update(back_paused=True)

    town.tick(60)
    assert town.mirror(order).state == OrderState.FAILED
    assert (
        town.mirror(order).state_reason == "The shipping method “Drone” is not mapped."
    )

    town.desk.edit_order(order, ShipSync_Shipping_Method__c="Ground")
    until(town, lambda: creates(town, order) == 1)

    assert not FailedPayload.objects.filter(closed_at=None).exists()
    assert "not mapped" not in town.mirror(order).state_reason
    assert status(town, order) == "", "Salesforce was told"
