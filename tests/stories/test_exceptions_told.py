"""What needs somebody stands in Salesforce as rows that begin, end and begin again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.exception_rows import ExceptionRow
from connectors.hearing import ApiUse
from connectors.models import SyncAttempt, SyncJob
from connectors.sandbox.faults import Fault
from connectors.sync import exception_rows
from tests.stories.organizations import Metadata
from tests.stories.reading import floor_off, status, until
from tests.town import SHIP_TO, Town

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

KIND = "ShipSync_Sync_Exception__c"
FEW = ("poll_shiphero", "poll_shipments", "reconcile", "watch_routing", "poll_stock")


@pytest.fixture
def town(
    request: pytest.FixtureRequest,
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Path,
) -> Town:
    """Only what these stories are about happens often; a parameter names an object
    that the organization does not have yet."""
    settings.SHIPSYNC_SANDBOX = True
    if lacks := getattr(request, "param", ""):
        metadata = Metadata(tmp_path)
        metadata.without(lacks)
        metadata.use(monkeypatch)
    town = Town(monkeypatch)
    floor_off(town)
    for name in FEW:
        town.setting(f"{name}_seconds", 86_400)
    return town


def rows(town: Town) -> list[dict[str, Any]]:
    return town.salesforce.snapshot(KIND)


def is_open(town: Town) -> bool:
    return any(row["Open__c"] for row in rows(town))


def writes(town: Town) -> int:
    return sum(
        entry.outcome == "applied" and entry.detail.get("sobject") == KIND
        for entry in town.salesforce.ledger()
    )


def test_a_row_begins_ends_with_its_evidence_and_begins_again(town: Town) -> None:
    order = town.order(ship_to={**SHIP_TO, "city": ""})
    until(town, lambda: is_open(town), minutes=2)

    (row,) = rows(town)
    assert row["Order__c"] == order
    assert row["Category__c"] == "Address"
    assert row["Owner__c"] == "Sales"
    assert row["Code__c"] == "address.city_missing"
    assert "city" in row["Reason__c"]
    assert row["Fix__c"]
    assert (row["Opened_At__c"] is None, row["Closed_At__c"]) == (False, None)
    before = writes(town)
    town.run(minutes=2, step=20)
    assert writes(town) == before  # nothing moved, so nothing is written

    town.desk.edit_order(order, ShippingCity="Tulsa")
    until(town, lambda: not is_open(town), minutes=3)
    (row,) = rows(town)
    assert row["Closed_At__c"] >= row["Opened_At__c"]
    assert row["Resolution__c"]

    town.desk.edit_order(order, ShippingPostalCode="SW1A 1AA")
    until(town, lambda: is_open(town), minutes=3)
    (again,) = rows(town)
    assert again["Id"] == row["Id"]
    assert again["Code__c"] == "address.zip_invalid"
    assert (again["Closed_At__c"], again["Resolution__c"]) == (None, None)
    assert again["Opened_At__c"] > row["Opened_At__c"]
    assert ApiUse.objects.filter(kind="push_exceptions").exists()


def test_an_exception_of_the_floor_is_told_beside_the_failures(town: Town) -> None:
    town.shiphero.seed_product("RARE", "Rare", {"Primary": 1})
    town.desk.create_product("RARE", "Rare", 9.0)
    town.setting("poll_shiphero_seconds", 60)
    order = town.order(("RARE", 3))

    until(town, lambda: status(town, order) == "Backordered", minutes=5)
    until(town, lambda: is_open(town), minutes=2)

    (row,) = rows(town)
    assert (row["Code__c"], row["Category__c"]) == ("backorder", "Stock")
    assert (row["Owner__c"], row["Order__c"]) == ("Ops", order)
    assert "2 RARE" in row["Reason__c"]
    assert "wait for stock" in row["Fix__c"]


def test_many_that_begin_at_once_are_one_call_and_the_next_look_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sync.push_exceptions.ROWS_PER_CALL", 3)
    orders = {town.order(ship_to={**SHIP_TO, "city": ""}) for _ in range(5)}
    town.setting("push_exceptions_seconds", 60)
    until(town, lambda: len(rows(town)) == 5, minutes=3)

    assert {row["Order__c"] for row in rows(town)} == orders
    told = SyncAttempt.objects.filter(kind="push_exceptions")
    assert [one.did for one in told.order_by("pk")] == [
        "3 exceptions told to Salesforce",
        "2 exceptions told to Salesforce",
    ]


def test_a_refused_row_keeps_salesforces_words_and_is_tried_again_later(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exception_rows, "TRY_REFUSED_AGAIN", timedelta(minutes=4))
    rule = {
        "sobject": KIND,
        "field": "Reason__c",
        "message": "Exceptions are frozen this week.",
    }
    town.salesforce.switches["validation_rules"] = [rule]
    town.order(ship_to={**SHIP_TO, "city": ""})
    until(town, ExceptionRow.objects.exists, minutes=2)

    row = ExceptionRow.objects.get()
    assert "frozen this week" in row.refused_reason
    assert row.told_at is None
    tries = SyncAttempt.objects.filter(kind="push_exceptions").count()
    town.run(minutes=2, step=20)
    assert SyncAttempt.objects.filter(kind="push_exceptions").count() == tries

    town.salesforce.switches["validation_rules"] = []
    town.run(minutes=3, step=30)
    row.refresh_from_db()
    assert row.refused_reason == ""
    assert is_open(town)


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.LATE_LANDING])
def test_a_write_that_lands_late_has_not_the_last_word(
    town: Town, fault: Fault
) -> None:
    """The row's beginning lands after its end was written; it is closed all the same."""
    town.salesforce.switches["late_landing"] = 60.0
    order = town.order(ship_to={**SHIP_TO, "city": ""})
    until(town, lambda: status(town, order) == "Failed", minutes=2)
    town.salesforce.faults.script("salesforce.composite", fault)
    until(town, ExceptionRow.objects.exists, minutes=2, step=1)
    assert ExceptionRow.objects.get().doubt_until is not None

    town.desk.edit_order(order, ShippingCity="Tulsa")
    town.run(minutes=6, step=10)

    (row,) = rows(town)
    assert row["Open__c"] is False
    assert ExceptionRow.objects.get().doubt_until is None


@pytest.mark.parametrize("town", [KIND], indirect=True)
def test_an_organization_without_the_object_is_left_in_peace(town: Town) -> None:
    order = town.order(ship_to={**SHIP_TO, "city": ""})

    until(town, lambda: status(town, order) == "Failed", minutes=2)
    town.run(minutes=1, step=20)

    tries = SyncAttempt.objects.filter(kind="push_exceptions")
    assert list(tries.values_list("detail", flat=True)) == []
    job = SyncJob.objects.get(kind="push_exceptions")
    assert (job.attempts, job.last_code) == (0, "")
