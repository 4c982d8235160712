"""An address that staff fixed in ShipHero: a person decides which one counts."""

from __future__ import annotations

import pytest

from connectors.sync import placements
from orders.proposals import Proposal
from tests.stories.reading import (
    a_user,
    floor_off,
    the_one,
    until,
    until_created,
    writes,
)
from tests.town import Town

CREATED = ["order_create", "order_update_holds"]


@pytest.fixture
def fixed(town: Town) -> str:
    """Exported, and its street corrected by the people in the warehouse."""
    floor_off(town)
    order = town.order()
    until_created(town, order)
    town.run(minutes=1)
    assert not Proposal.objects.exists()
    town.shiphero.staff.edit_address(
        the_one(town, order)["id"], address1="12 Mill Ln E"
    )
    until(town, lambda: Proposal.objects.filter(decided_at=None).exists())
    return order


def test_it_is_proposed_and_nothing_is_undone(town: Town, fixed: str) -> None:
    town.run(minutes=2)

    proposal = Proposal.objects.get()
    assert (proposal.kind, proposal.value) == ("address", {"address1": "12 Mill Ln E"})
    assert "Mill" not in proposal.reason
    assert writes(town, fixed) == CREATED


def test_accepted_it_counts_and_nothing_is_sent(town: Town, fixed: str) -> None:
    placements.accept_proposal(
        proposal=Proposal.objects.get(), user=a_user(), now=town.now()
    )
    town.run(minutes=2)

    assert the_one(town, fixed)["shipping_address"]["address1"] == "12 Mill Ln E"
    assert writes(town, fixed) == CREATED
    assert Proposal.objects.count() == 1


def test_refused_the_source_s_address_is_sent_once_more(town: Town, fixed: str) -> None:
    placements.refuse_proposal(
        proposal=Proposal.objects.get(), why="Wrong", user=a_user(), now=town.now()
    )
    town.run(minutes=2)

    assert the_one(town, fixed)["shipping_address"]["address1"] == "12 Mill Lane"
    assert writes(town, fixed) == [*CREATED, "order_update"]
    assert Proposal.objects.count() == 1
