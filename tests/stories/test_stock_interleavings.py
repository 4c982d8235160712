"""Rings, polls and snapshots in any order, late or at once, end with the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sandbox.shiphero import judge, snapshots
from connectors.sandbox.shiphero.server import ShipHeroSandbox
from connectors.sandbox.shiphero.world import ShipHeroWorld
from connectors.sandbox.world import ManualClock
from connectors.shiphero.snapshot_file import rows_of_sku
from inventory import promises, stock
from inventory.models import Availability, StockLevel, StockMovement, StockSource
from inventory.records import OddRow, StockRecord
from tests.factories.accounts import AccountFactory
from tests.factories.inventory import WarehouseFactory
from tests.unit.connectors.shiphero.conftest import NOW, make_client

pytestmark = pytest.mark.django_db

SKUS = ("MUG", "TEE")
PLACES = ("Primary", "Annex")
BUCKETS = ("on_hand", "reserve_inventory", "sell_ahead", "in_tote")
WAYS = ("ring", "poll", "snapshot")


@dataclass
class Answer:
    """What a reading was told, on its way to us."""

    asked_at: datetime
    source: StockSource
    rows: list[StockRecord]


@dataclass
class Story:
    """The sandbox with its truth, our books, and the answers between them."""

    world: ShipHeroWorld = field(
        default_factory=lambda: ShipHeroWorld(
            clock=ManualClock(NOW), send=lambda *_: 200, probe=lambda _: 200
        )
    )
    answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account: Any = AccountFactory()
        for name in PLACES:
            place = self.world.seed_warehouse(name)
            WarehouseFactory(account=self.account, remote_id=place["id"], name=name)
        for sku in SKUS:
            self.world.seed_product(sku, on_hand=dict.fromkeys(PLACES, 5))
        app = ShipHeroSandbox(self.world).app
        self.desk = make_client(app, clock=self.now).stock

    def now(self) -> datetime:
        return self.world.clock.now()

    def tick(self) -> None:
        assert isinstance(self.world.clock, ManualClock)
        self.world.clock.advance(2)

    def change(self, sku: str, place: str, bucket: str, count: int) -> None:
        self.world.stockroom.set_buckets(sku, place, **{bucket: count})

    def ask(self, way: str, sku: str) -> None:
        """The answer is fixed now; it may land much later, or never."""
        asked_at = self.now()
        found: list[StockRecord | OddRow]
        if way == "ring":
            found = self.desk.stock_of(sku)
        elif way == "poll":
            pages = self.desk.stock_updated(asked_at - timedelta(minutes=10), asked_at)
            found = [row for page in pages for row in page]
        else:
            found = self._snapshot()
        rows = [row for row in found if isinstance(row, StockRecord)]
        source = StockSource.SNAPSHOT if way == "snapshot" else StockSource.READ
        self.answers.append(Answer(asked_at, source, rows))

    def _snapshot(self) -> list[StockRecord | OddRow]:
        with self.world.turn():
            document = snapshots.generate(self.world, {})
            content = snapshots.content(self.world, document)
        products = content["products"][self.world.account["id"]]
        return [row for sku in products for row in rows_of_sku(sku, products[sku])]

    def land(self, number: int) -> None:
        """One of the answers on their way arrives, in whatever order."""
        if self.answers:
            self.take(self.answers.pop(number % len(self.answers)))

    def take(self, answer: Answer) -> stock.Taken:
        reading = stock.Reading(self.account, answer.asked_at, answer.source)
        return stock.record(reading, answer.rows, now=self.now())

    def truth(self) -> dict[tuple[str, str], tuple[int, ...]]:
        return {
            place: tuple(row[bucket] for bucket in BUCKETS)
            for place, row in judge.stock(self.world).items()
        }

    def ours(self) -> dict[tuple[str, str], tuple[int | None, ...]]:
        levels = StockLevel.objects.filter(account=self.account)
        return {
            (level.sku, level.warehouse.remote_id): (
                level.on_hand,
                level.reserve,
                level.sell_ahead,
                level.in_tote,
            )
            for level in levels.select_related("warehouse")
        }


sku = st.sampled_from(SKUS)
step = st.one_of(
    st.tuples(
        st.just("change"),
        sku,
        st.sampled_from(PLACES),
        st.sampled_from(BUCKETS),
        st.integers(-2, 9),
    ),
    st.tuples(st.just("ask"), st.sampled_from(WAYS), sku),
    st.tuples(st.just("land"), st.integers(0, 5)),
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(step, max_size=14), st.sampled_from(WAYS), st.data())
def test_any_interleaving_ends_with_the_truth_and_a_second_pass_writes_nothing(
    steps, last_way, data
):
    story = Story()
    for name, *arguments in steps:
        getattr(story, name)(*arguments)
        story.tick()

    for one in SKUS if last_way == "ring" else SKUS[:1]:
        story.ask(last_way, one)
    for answer in data.draw(st.permutations(story.answers)):
        story.take(answer)

    assert story.ours() == story.truth()
    story.tick()
    story.answers.clear()
    moved = StockMovement.objects.count()
    promised = Availability.objects.count()
    for one in SKUS:
        story.ask("ring", one)
    assert sum(story.take(answer).changed for answer in story.answers) == 0
    assert promises.refresh(story.account, SKUS, now=story.now()) == 0
    assert StockMovement.objects.count() == moved
    assert Availability.objects.count() == promised
