"""The export protocol under every fault of the create: one order, whatever happens."""

from __future__ import annotations

import pytest

from connectors.models import FailedPayload, SyncAttempt
from connectors.sandbox.faults import CALL_FAULTS, Fault
from connectors.sandbox.shiphero import judge
from orders.models import Export
from tests.stories.reading import (
    creates,
    insist_on_once,
    released,
    ships_once,
    until,
    until_created,
    writes,
)
from tests.town import Town

pytestmark = pytest.mark.one_database  # what the remotes do is what differs

CREATE = "shiphero.order_create"


def create_fails(town: Town, *faults: Fault) -> str:
    """An order whose creates meet these faults, one after the other."""
    town.shiphero.faults.script(CREATE, *faults)
    return town.order()


def test_a_lost_answer_rests_in_quarantine_and_is_adopted(town: Town) -> None:
    order = create_fails(town, Fault.LOST_ANSWER)

    until(town, lambda: Export.objects.exclude(intent_at=None).exists())
    assert creates(town, order) == 1
    assert not released(town, order)
    until_created(town, order)

    assert writes(town, order) == ["order_create", "order_update_holds"]
    assert Export.objects.get().remote_id == town.in_warehouse(order)[0]["id"]
    assert SyncAttempt.objects.filter(did__contains="Adopted").exists()
    ships_once(town, order)


def test_while_it_rests_nothing_is_sent_and_nothing_can_be_picked(town: Town) -> None:
    order = create_fails(town, Fault.LOST_ANSWER)
    until(town, lambda: creates(town, order) == 1)

    town.run(minutes=1)

    assert creates(town, order) == 1
    (made,) = town.in_warehouse(order)
    assert judge.held(made)
    assert town.shiphero.ledger(call="floor.pick") == []


def test_a_lost_request_is_created_once_after_quarantine(town: Town) -> None:
    order = create_fails(town, Fault.LOST_REQUEST)

    ships_once(town, order)

    assert creates(town, order) == 1
    assert Export.objects.get().create_calls == 2


def test_a_refused_connection_is_no_doubt_and_needs_no_quarantine(town: Town) -> None:
    order = create_fails(town, Fault.REFUSED)
    started = town.now()

    until(town, lambda: creates(town, order) == 1, minutes=2)

    assert (town.now() - started).total_seconds() < 60
    ships_once(town, order)


def test_a_second_create_and_a_late_landing_leave_no_pickable_extra(town: Town) -> None:
    town.setting("quarantine_seconds", 1)
    town.shiphero.set_switches({"late_landing_max": 60.0})
    order = create_fails(town, Fault.LATE_LANDING)

    until(town, lambda: creates(town, order) == 2)
    first, second = town.in_warehouse(order)
    stored = Export.objects.get().remote_id
    extra = next(one for one in (first, second) if one["id"] != stored)
    until(town, lambda: judge.held_extras(town.shiphero) == {})

    picked = [
        entry.detail["order_id"] for entry in town.shiphero.ledger(call="floor.pick")
    ]
    assert extra["id"] not in picked
    ships_once(town, order)


@pytest.mark.parametrize("late", [3, 30, 60])
def test_a_late_landing_before_or_after_the_look_up(town: Town, late: float) -> None:
    town.setting("quarantine_seconds", 20)
    town.shiphero.set_switches({"late_landing_max": float(late)})
    order = create_fails(town, Fault.LATE_LANDING)

    ships_once(town, order)
    town.run(minutes=3)

    insist_on_once(town, order)


def test_every_answer_lost_three_times_still_makes_one(town: Town) -> None:
    order = create_fails(
        town, Fault.LOST_REQUEST, Fault.LOST_REQUEST, Fault.LOST_ANSWER
    )

    ships_once(town, order, minutes=20)

    assert creates(town, order) == 1


def test_a_throttled_create_waits_the_time_given_and_spends_no_attempt(
    town: Town,
) -> None:
    order = create_fails(town, Fault.THROTTLED)

    ships_once(town, order)

    assert creates(town, order) == 1
    throttled = SyncAttempt.objects.get(kind="push_order", outcome="throttled")
    assert throttled.job is not None
    assert throttled.job.attempts == 0
    assert not FailedPayload.objects.exists()


@pytest.mark.parametrize(
    "applies", [False, True], ids=["not done", "done all the same"]
)
def test_a_5xx_is_a_doubt(town: Town, applies: bool) -> None:
    town.shiphero.set_switches({"server_error_applies": applies})
    order = create_fails(town, Fault.SERVER_ERROR)

    ships_once(town, order)

    assert creates(town, order) == 1


def test_an_expired_token_is_refreshed_and_the_create_goes_out_once(town: Town) -> None:
    order = create_fails(town, Fault.EXPIRED_TOKEN)

    until(town, lambda: creates(town, order) == 1, minutes=2)

    assert len(town.shiphero.ledger(call="shiphero.auth_refresh")) == 2
    ships_once(town, order)


@pytest.mark.parametrize(
    "fault",
    [Fault.LOST_ANSWER, Fault.LATE_LANDING],
    ids=str,
)
@pytest.mark.parametrize(
    "switches",
    [
        pytest.param({"duplicate_create": "reject"}, id="rejects duplicates"),
        pytest.param({"lookup_lag": 20.0}, id="lists lag 20 s"),
        pytest.param(
            {"duplicate_create": "reject", "lookup_lag": 20.0}, id="rejects and lags"
        ),
        pytest.param({"allocate_at": "create"}, id="allocates at create"),
        pytest.param({"allocate_at": "both"}, id="allocates at both"),
    ],
)
def test_a_doubt_in_every_position(
    town: Town, fault: Fault, switches: dict[str, object]
) -> None:
    town.shiphero.set_switches(switches)
    order = create_fails(town, fault)

    ships_once(town, order)


def test_a_duplicate_that_is_rejected_after_a_late_landing_is_adopted(
    town: Town,
) -> None:
    """The lists do not show it yet, and the second create is refused as a duplicate."""
    town.setting("quarantine_seconds", 5)
    town.shiphero.set_switches({"duplicate_create": "reject", "lookup_lag": 60.0})
    order = create_fails(town, Fault.LOST_ANSWER)

    ships_once(town, order)


@pytest.mark.parametrize("call", ["order_update_holds", "orders", "auth_refresh"])
def test_all_faults_of_another_call_in_a_row_change_nothing(
    town: Town, call: str
) -> None:
    if call == "auth_refresh":
        town.shiphero.faults.script("shiphero.order_create", Fault.EXPIRED_TOKEN)
    town.shiphero.faults.script(f"shiphero.{call}", *CALL_FAULTS)
    order = town.order()

    ships_once(town, order, minutes=40)

    assert creates(town, order) == 1
    assert town.shiphero.faults.draw(f"shiphero.{call}") is not CALL_FAULTS[0]


@pytest.mark.parametrize("call", ["query", "composite", "oauth_token"])
def test_all_faults_of_a_call_to_salesforce_in_a_row_change_nothing(
    town: Town, call: str
) -> None:
    if call == "oauth_token":
        town.salesforce.faults.script("salesforce.query", Fault.EXPIRED_TOKEN)
    town.salesforce.faults.script(f"salesforce.{call}", *CALL_FAULTS, Fault.ROW_LOCK)
    order = town.order()

    ships_once(town, order, minutes=40)

    assert creates(town, order) == 1
    assert town.salesforce.faults.draw(f"salesforce.{call}") is not CALL_FAULTS[0]


def test_an_account_without_a_hold_kind_is_created_free_and_once(town: Town) -> None:
    town.account.hold_kind = ""
    town.account.save()
    order = create_fails(town, Fault.LOST_ANSWER)

    until(town, lambda: Export.objects.exclude(remote_id="").exists())

    assert writes(town, order) == ["order_create"]
    until(town, lambda: bool(judge.shipped(town.shiphero)))
    insist_on_once(town, order)
