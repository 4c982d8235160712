"""Whatever happens on the way: in the end Salesforce shows the warehouse's truth, once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from connectors.models import SyncAttempt, SyncJob
from connectors.sandbox.faults import Fault
from connectors.sandbox.shiphero import judge
from connectors.sandbox.shiphero.stockroom import Stockroom
from connectors.sync.rings import Ring, ring
from inventory.models import Availability, AvailabilityRun, Standing
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)

KIND = "ShipSync_Inventory_Level__c"
SKUS = ("MUG", "TEE", "CAP")
PLACES = ("Primary", "Annex")
SLOW = ("poll_orders", "poll_shiphero", "poll_shipments", "reconcile")
LOSSES = (Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.LATE_LANDING, Fault.THROTTLED)

counts = st.tuples(
    st.just("count"),
    st.sampled_from(SKUS),
    st.sampled_from(PLACES),
    st.integers(0, 50),
)
losses = st.tuples(st.just("lose"), st.sampled_from(LOSSES))
silences = st.tuples(st.just("silence"), st.booleans())
times = st.tuples(st.just("time"), st.sampled_from([1, 20, 120]))
others = st.sampled_from(["poll", "snapshot", "few", "many"]).map(lambda one: (one,))
steps = st.lists(
    st.one_of(counts, counts, times, losses, silences, others), min_size=3, max_size=12
)


def truth(town: Town) -> dict[tuple[str, str], float]:
    names = {one["id"]: one["identifier"] for one in town.shiphero.every("warehouse")}
    return {
        (sku, names[place]): row["on_hand"]
        for (sku, place), row in judge.stock(town.shiphero).items()
    }


def shown(town: Town) -> dict[tuple[str, str], float]:
    return {
        (row["SKU__c"], row["Warehouse__c"]): row["Available__c"]
        for row in town.salesforce.snapshot(KIND)
    }


def writes(town: Town) -> int:
    return sum(
        entry.outcome == "applied" and entry.detail.get("sobject") == KIND
        for entry in town.salesforce.ledger()
    )


def hurry(town: Town, kind: str) -> None:
    ring(
        Ring(kind=kind, subject="all", account_id=town.account.pk, hurries=True),
        now=town.now(),
    )


def take(town: Town, step: tuple[Any, ...]) -> None:
    name, *rest = step
    if name == "count":
        Stockroom(town.shiphero).count(*rest)
    elif name == "time":
        town.tick(rest[0])
    elif name == "lose":
        town.salesforce.faults.script("salesforce.composite", rest[0])
        town.salesforce.faults.script("salesforce.bulk_change", rest[0])
    elif name == "silence":
        town.shiphero.faults.rate = 1.0 if rest[0] else 0.0
    elif name in {"few", "many"}:
        town.setting("availability_bulk_from", 2000 if name == "few" else 1)
    else:
        hurry(town, {"poll": "poll_stock", "snapshot": "pull_stock_snapshot"}[name])


def settle(town: Town) -> None:
    """Calm weather, one more snapshot, and the rest of a quarantine."""
    town.shiphero.faults.rate = 0.0
    for faults in (town.salesforce.faults, town.shiphero.faults):
        faults._script.clear()
    for _ in range(2):  # the first may have been asked for before the last count
        hurry(town, "pull_stock_snapshot")
        for seconds in (2, 16, 3, 3, 3):
            town.tick(seconds)
    for seconds in (8, 8, 100, 8, 8, 8):
        hurry(town, "push_availability")  # its back-off may last for minutes
        town.tick(seconds)


def standing(town: Town) -> str:
    """Where everything stands, for who reads a failure."""
    rows = [
        f"{row} {row.warehouse} {row.standing} due={row.wanted_hash != row.settled_hash} "
        f"run={row.run_id} doubt={row.rewrite_at}"
        for row in Availability.objects.select_related("warehouse")
    ]
    runs = [
        f"{run.state} {run.step} {run.remote_job_id} {run.last_word}"
        for run in AvailabilityRun.objects.all()
    ]
    jobs = [
        f"{job} {job.state} {job.not_before} {job.note} {job.last_reason}"
        for job in SyncJob.objects.filter(lane="inventory")
    ]
    tries = SyncAttempt.objects.filter(kind="push_availability").exclude(detail="")
    said = [one.detail[-600:] for one in tries.order_by("-pk")[:1]]
    return "\n".join([str(town.now()), *rows, *runs, *jobs, *said])


@pytest.fixture
def town(monkeypatch):
    town = Town(monkeypatch, settle=False)
    town.shiphero.seed_warehouse("Annex")
    for number, sku in enumerate(SKUS):
        on_hand = {"Primary": 10 + number, "Annex": 4 + number}
        town.shiphero.seed_product(sku, on_hand=on_hand)
    for name in SLOW:
        town.setting(f"{name}_seconds", 86_400)
    town.setting("linger_availability_seconds", 5)
    settle(town)
    assert shown(town) == truth(town)
    return town


@settings(
    max_examples=4,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # a town that lived on cannot be shrunk
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
@example(
    steps=[
        ("lose", Fault.LOST_REQUEST),
        ("count", "CAP", "Annex", 43),
        ("count", "TEE", "Primary", 25),
        ("time", 120),
        ("many",),
        ("time", 20),
    ]
)
def test_any_interleaving_ends_with_the_truth_and_a_second_pass_writes_nothing(
    town: Town, steps: list[tuple[Any, ...]]
) -> None:
    for step in steps:
        take(town, step)
    settle(town)

    assert shown(town) == truth(town), standing(town)
    assert not Availability.objects.exclude(standing=Standing.WRITTEN).exists()
    assert not SyncJob.objects.filter(kind="push_availability").exclude(last_code="")
    before = writes(town)
    hurry(town, "pull_stock_snapshot")
    for seconds in (2, 16, 3, 3, 20):
        town.tick(seconds)
    assert writes(town) == before
