"""Two workers, each with a connection of its own, drain what one could."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.shiphero import judge
from connectors.sync import claims, engine
from connectors.sync.gates import closed_gates
from connectors.sync.registry import LANES
from tests.stories.reading import creates, insist_on_once, until_status, writes
from tests.town import Town
from tests.waiting import meet_after, run_together


@pytest.fixture
def shared_town(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Town:
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"
    settings.SHIPSYNC_SANDBOX = True
    return Town(monkeypatch)


def drain_twice(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both choose their first job from the same stale picture."""
    with monkeypatch.context() as patch:
        patch.setattr(claims, "closed_gates", meet_after(closed_gates, 2))
        ended = run_together(
            [lambda: engine.drain(LANES[-1], clock=town.now) for _ in range(2)]
        )
    assert not [one for one in ended if isinstance(one, Exception)], ended


@pytest.mark.parametrize("orders", [1, 4])
def test_the_ledger_shows_one_set_of_calls(
    shared_town: Town, monkeypatch: pytest.MonkeyPatch, orders: int
) -> None:
    town = shared_town
    made = [town.order() for _ in range(orders)]

    for _ in range(20):
        town.clock.advance(10)
        town.salesforce.run_due()
        town.shiphero.run_due()
        drain_twice(town, monkeypatch)

    for order in made:
        until_status(town, order, "Shipped")
        assert creates(town, order) == 1
        assert writes(town, order) == ["order_create", "order_update_holds"]
        insist_on_once(town, order)
    assert len(judge.created_exactly_once(town.shiphero)) == orders
