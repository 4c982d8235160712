"""What may be promised, as worked examples that an operator can check."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.availability import (
    Formula,
    KitStock,
    Promise,
    Step,
    promise,
    promise_kit,
)
from inventory.records import Counts

PLAIN = Formula()

# fmt: off
#  on    allo-  re-    not    sell   back-  in      buffer  thresh-  promised
#  hand  cated  serve  sell-  ahead  order  flight          old
#                      able
BUFFERS = [
    (10,   0,     0,     0,     0,     0,     0,      0,      0,       10),  # all of it
    (10,   3,     0,     0,     0,     0,     0,      0,      0,        7),  # 3 are sold
    (10,   3,     2,     1,     0,     0,     0,      0,      0,        4),  # kept back, broken
    (10,   3,     0,     0,     5,     0,     0,      0,      0,       12),  # 5 on their way
    (10,   0,     0,     0,     0,     4,     0,      0,      0,        6),  # 4 long promised
    (10,   0,     0,     0,     0,     0,     6,      0,      0,        4),  # sent a minute ago
    (10,   0,     0,     0,     0,     0,     0,      4,      0,        6),  # 4 for mistakes
    (10,   3,     0,     0,     0,     0,     2,      1,      5,        0),  # 4 left, under 5
    (10,   3,     0,     0,     0,     0,     2,      0,      5,        5),  # 5 left is enough
    ( 2,   5,     0,     0,     0,     0,     0,      0,      0,        0),  # oversold: none
    (-4,   0,     0,     0,     0,     0,     0,      0,      0,        0),  # miscounted: none
    ( 0,   0,     0,     0,     0,     0,     0,      3,      0,        0),  # none is none
]
# fmt: on


@pytest.mark.parametrize("example", BUFFERS, ids=str)
def test_the_shelf_less_everything_that_is_spoken_for(example):
    on_hand, allocated, reserve, broken, ahead, backorder, flight, *rest = example
    buffer, threshold, promised = rest
    counts = Counts(
        on_hand=on_hand,
        allocated=allocated,
        reserve=reserve,
        non_sellable=broken,
        sell_ahead=ahead,
        backordered=backorder,
    )
    formula = Formula(buffer=buffer, threshold=threshold)
    assert promise(counts, formula, in_flight=flight).quantity == promised


# The kit's recipe, how many of each part can be promised, and how many kits that makes.
KITS = [
    ("one of each", [("CUP", 1, 9), ("TEA", 1, 4)], 0, 4),
    ("two cups in each", [("CUP", 2, 9), ("TEA", 1, 30)], 0, 4),
    ("a part is sold out", [("CUP", 2, 9), ("TEA", 1, 0)], 0, 0),
    ("not enough for one", [("CUP", 6, 5)], 0, 0),
    ("a part nobody knows here", [("CUP", 1, 9), ("TEA", 1, None)], 0, 0),
    ("no recipe", [], 0, 0),
    ("under the threshold", [("CUP", 1, 2)], 3, 0),
]


@pytest.mark.parametrize(("what", "recipe", "threshold", "kits"), KITS)
def test_a_kit_is_as_many_as_its_scarcest_component_makes(
    what, recipe, threshold, kits
):
    parts = [
        KitStock(sku, per_kit, None if there is None else shelf(there))
        for sku, per_kit, there in recipe
    ]
    assert promise_kit(parts, Formula(threshold=threshold)).quantity == kits


def shelf(pieces: int) -> Promise:
    return Promise((Step("On hand", pieces),))


# A kit of 2 cups and 1 tea. The buffer is kept of each part, and of the kit no second time;
# a part, or the kit, of which fewer than the threshold are left is promised as none.
# fmt: off
#  cups  teas  buffer  threshold  kits
KEPT_BACK = [
    ( 9,   30,    0,       0,       4),  # 9 cups make 4 pairs
    ( 9,   30,    3,       0,       3),  # 3 cups stay: 6 make 3 pairs
    ( 9,    4,    3,       0,       1),  # and of the teas 1 is left
    ( 9,    3,    3,       0,       0),  # or none
    ( 9,   30,    0,       5,       0),  # 4 kits are under 5
    ( 9,   30,    0,       4,       4),  # 4 is enough
    ( 3,   30,    0,       4,       0),  # 3 cups are none, so no kit
]
# fmt: on


@pytest.mark.parametrize(("cups", "teas", "buffer", "threshold", "kits"), KEPT_BACK)
def test_a_kit_keeps_back_what_its_parts_keep_back(cups, teas, buffer, threshold, kits):
    formula = Formula(buffer=buffer, threshold=threshold)
    parts = [
        KitStock("CUP", 2, promise(Counts(on_hand=cups), formula)),
        KitStock("TEA", 1, promise(Counts(on_hand=teas), formula)),
    ]
    assert promise_kit(parts, formula).quantity == kits


def test_a_built_kit_is_counted_on_the_shelf_like_any_product():
    assert promise(Counts(on_hand=3), PLAIN).quantity == 3


# A case of 12: what stands beside the number of pieces. The buffer is in pieces too.
@pytest.mark.parametrize(
    ("on_hand", "buffer", "words"),
    [
        (36, 0, "On hand +36 = 36 (3 case of 12)"),
        (40, 0, "On hand +40 = 40 (3 case of 12, 4 over)"),
        (5, 0, "On hand +5 = 5 (0 case of 12, 5 over)"),
        (36, 6, "On hand +36, Buffer -6 = 30 (2 case of 12, 6 over)"),
        (36, 12, "On hand +36, Buffer -12 = 24 (2 case of 12)"),
    ],
)
def test_cases_are_shown_beside_the_pieces(on_hand, buffer, words):
    found = promise(Counts(on_hand=on_hand), Formula(buffer=buffer))
    assert found.in_words("case", 12) == words


def test_the_sum_can_be_read_on_the_number():
    counts = Counts(on_hand=10, allocated=3, reserve=1, available=6)
    found = promise(counts, Formula(buffer=2), in_flight=1)
    assert found.in_words() == (
        "On hand +10, Allocated to orders -3, Reserved -1, "
        "Orders that ShipHero does not count yet -1, Buffer -2 = 3"
    )


def test_what_is_switched_off_is_not_counted():
    counts = Counts(on_hand=10, sell_ahead=5, backordered=3, non_sellable=2)
    formula = Formula(
        counts_sell_ahead=False,
        counts_backorders=False,
        on_hand_holds_non_sellable=False,
    )
    assert promise(counts, formula).quantity == 10


def test_an_inactive_product_is_not_promised_and_says_so():
    found = promise(Counts(on_hand=10), PLAIN, is_active=False)
    assert found.quantity == 0
    assert found.steps[-1].words == "Not active in this warehouse"


def test_no_stock_and_no_reading_are_told_apart():
    assert promise(None, PLAIN).in_words() == "No stock is known here +0 = 0"
    assert promise(Counts(on_hand=0), PLAIN).in_words() == "On hand +0 = 0"


count = st.integers(-(2**31), 2**31)
maybe = st.none() | count


@given(
    st.builds(Counts, count, maybe, maybe, maybe, maybe, maybe, maybe, maybe),
    st.builds(Formula, st.integers(0, 50), st.integers(0, 50), *[st.booleans()] * 3),
    st.integers(0, 1000),
)
def test_a_promise_is_never_below_zero_nor_between_none_and_the_threshold(
    counts, formula, in_flight
):
    found = promise(counts, formula, in_flight=in_flight).quantity
    assert found == 0 or found >= max(formula.threshold, 1)


@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(0, 500)), min_size=1),
)
def test_the_promised_kits_can_be_made_and_one_more_cannot(recipe):
    parts = [
        KitStock(f"P{n}", per, shelf(there)) for n, (per, there) in enumerate(recipe)
    ]
    kits = promise_kit(parts, PLAIN).quantity
    assert all(per * kits <= there for per, there in recipe)
    assert any(per * (kits + 1) > there for per, there in recipe)
