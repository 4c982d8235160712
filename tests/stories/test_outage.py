"""An outage is one open breaker, not a failure for each order."""

from __future__ import annotations

import pytest

from connectors.accounts.models import BreakerState, Credential
from connectors.models import FailedPayload, SyncJob
from tests.stories.reading import creates, insist_on_once, status, until
from tests.town import Town


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
