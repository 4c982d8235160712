"""What is on its way: kept as long as it is, told the soonest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.accounts.models import Account
from inventory import arrivals
from inventory.models import Warehouse
from inventory.records import PurchaseLineRecord, PurchaseRecord
from orders.records import Arrival
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
LINES = (PurchaseLineRecord("L1", "MUG", 5), PurchaseLineRecord("L2", "TEE", 2))
ORDERED = PurchaseRecord("P1", "PO-1", True, "W1", date(2026, 12, 3), LINES)


@pytest.fixture
def account() -> Account:
    made = AccountFactory.create()
    Warehouse.objects.create(account=made, remote_id="W1", name="Primary")
    return made


def due(account: Account, *skus: str) -> dict[str, tuple[Arrival, ...]]:
    return arrivals.of_skus(account.pk, set(skus))


def test_what_comes_first_is_told_first_and_the_undated_last(account: Account) -> None:
    mugs = (PurchaseLineRecord("L3", "MUG", 1),)
    sooner = replace(
        ORDERED, remote_id="P2", number="PO-2", due_on=date(2026, 12, 1), lines=mugs
    )
    undated = replace(
        ORDERED,
        remote_id="P3",
        number="PO-3",
        due_on=None,
        warehouse_remote_id="W9",
        lines=(PurchaseLineRecord("L4", "MUG", 9),),
    )

    arrivals.record(account, [undated, ORDERED, sooner], read_at=NOON)

    assert due(account, "MUG") == {
        "MUG": (
            Arrival("PO-2", "Primary", 1, date(2026, 12, 1)),
            Arrival("PO-1", "Primary", 5, date(2026, 12, 3)),
            Arrival("PO-3", "", 9, None),
        )
    }


@pytest.mark.parametrize(
    "later",
    [
        replace(ORDERED, lines=(replace(LINES[0], left=0), LINES[1])),
        replace(ORDERED, lines=(LINES[1],)),
    ],
    ids=["arrived", "taken out"],
)
def test_what_has_come_is_not_expected_any_more(
    account: Account, later: PurchaseRecord
) -> None:
    arrivals.record(account, [ORDERED], read_at=NOON)

    arrivals.record(account, [later], read_at=NOON)

    assert set(due(account, "MUG", "TEE")) == {"TEE"}


def test_a_closed_one_brings_nothing(account: Account) -> None:
    arrivals.record(account, [ORDERED], read_at=NOON)

    arrivals.record(
        account, [replace(ORDERED, is_open=False, is_whole=False)], read_at=NOON
    )

    assert due(account, "MUG", "TEE") == {}


def test_lines_that_were_not_read_stay(account: Account) -> None:
    arrivals.record(account, [ORDERED], read_at=NOON)
    part = replace(ORDERED, lines=(replace(LINES[0], left=3),), is_whole=False)

    arrivals.record(account, [part], read_at=NOON)

    assert [
        row.units for rows in due(account, "MUG", "TEE").values() for row in rows
    ] == [
        3,
        2,
    ]


def test_what_no_reading_shows_any_more_is_forgotten(account: Account) -> None:
    arrivals.record(account, [ORDERED], read_at=NOON)
    arrivals.record(
        account,
        [replace(ORDERED, remote_id="P2", lines=(PurchaseLineRecord("L9", "CAP", 1),))],
        read_at=NOON + timedelta(hours=1),
    )

    arrivals.forget(account, before=NOON + timedelta(minutes=1))

    assert set(due(account, "MUG", "TEE", "CAP")) == {"CAP"}
