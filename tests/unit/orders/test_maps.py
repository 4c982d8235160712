"""Each map's policy, its documents, and what makes a row impossible."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import maps
from orders.dispatch import Goods
from orders.exporting import ExportTerms, plan_export
from orders.maps import How, Policy, Row, ValueMap
from orders.methods import MethodMap, Parcel
from tests.unit.orders.test_validation import GOOD, GOOD_LINE

ROWS = [{"from": "Old-1", "to": "NEW-1"}]


def a_map(**document: Any) -> ValueMap:
    return maps.value_map({"rows": ROWS, **document}, maps.SKUS)


@pytest.mark.parametrize(
    ("document", "value", "known", "target", "how"),
    [
        pytest.param({}, "OLD-1", (), "NEW-1", How.ROW, id="listed, case aside"),
        pytest.param({}, " old-1 ", (), "NEW-1", How.ROW, id="listed, space aside"),
        pytest.param({}, "MUG", (), "MUG", How.PASSED, id="passes by itself"),
        pytest.param(
            {"policy": "block"}, "MUG", {"MUG"}, "MUG", How.PASSED, id="known passes"
        ),
        pytest.param(
            {"policy": "block"}, "Old-1", {"Old-1"}, "NEW-1", How.ROW, id="row first"
        ),
        pytest.param(
            {"policy": "default", "default": "MISC"},
            "MUG",
            (),
            "MISC",
            How.DEFAULT,
            id="default",
        ),
        pytest.param(
            {"policy": "default", "default": "MISC"},
            "MUG",
            {"MUG"},
            "MUG",
            How.PASSED,
            id="known needs no default",
        ),
    ],
)
def test_a_value_becomes_what_row_or_policy_says(
    document: Any, value: str, known: Any, target: str, how: How
) -> None:
    assert a_map(**document).find(value, known) == maps.Found(target, how)


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize(
    "kind", [maps.SKUS, maps.TAGS, maps.STATUSES], ids=lambda kind: kind.title
)
def test_each_map_follows_each_policy(kind: maps.MapRules, policy: Policy) -> None:
    usual = kind.targets[0] if kind.targets else "USUAL"
    extra = {"default": usual} if policy is Policy.DEFAULT else {}
    found = maps.value_map({"rows": [], "policy": policy.value, **extra}, kind)

    assert (
        found.find("x")
        == {
            Policy.BLOCK: None,
            Policy.DEFAULT: maps.Found(usual, How.DEFAULT),
            Policy.PASS_THROUGH: maps.Found("x", How.PASSED),
        }[policy]
    )


def test_a_value_that_nobody_lists_blocks_where_the_policy_says_so() -> None:
    assert a_map(policy="block").find("MUG") is None


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"policy": "maybe"}, "must be one of: block, default, pass_through"),
        ({"policy": "default"}, "no default is given"),
        ({"rows": {}}, "must be a list"),
        ({"rows": ["A"]}, "Row 1 must be an object"),
        ({"rows": [{"from": "", "to": "A"}]}, "Row 1: What is mapped is empty"),
        ({"rows": [{"from": "A", "to": " "}]}, "Row 1: “A” is mapped to nothing"),
        ({"rows": [{"from": "A", "to": 3}]}, "Row 1: “to” must be text"),
        ({"rows": [{"from": "A", "to": "x" * 256}]}, "longer than 255"),
        ({"rows": [{"from": "A\0", "to": "B"}]}, "NUL"),
        (
            {"rows": [{"from": "A", "to": "B"}, {"from": "a", "to": "C"}]},
            "Row 2: “a” stands in row 1 already",
        ),
        ({"sku": []}, "Unknown entries: sku"),
    ],
)
def test_a_document_that_cannot_be_read_says_why(document: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        maps.value_map(document, maps.SKUS)


@pytest.mark.parametrize(
    "document",
    [{"policy": "block"}, {"policy": "default", "default": "1"}, {"default": "1"}],
)
@pytest.mark.parametrize("kind", [maps.PRODUCT_TYPES, maps.WEIGHTS])
def test_a_map_of_facts_takes_no_policy(kind: maps.MapRules, document: Any) -> None:
    with pytest.raises(ValueError, match="have no policy"):
        maps.value_map(document, kind)

    kept = maps.value_map({"rows": [], "policy": "pass_through"}, kind)
    assert maps.value_map(kept.to_document(), kind) == kept


def test_tags_may_be_dropped_and_statuses_must_be_known_meanings() -> None:
    rows = [{"from": "internal", "to": ""}]
    assert maps.value_map({"rows": rows}, maps.TAGS).find("Internal") == maps.Found(
        "", How.ROW
    )
    with pytest.raises(ValueError, match="“done” is none of: pending"):
        maps.value_map({"rows": [{"from": "Abgelegt", "to": "done"}]}, maps.STATUSES)


NAMES = st.text("abcXYZ-0 9", min_size=1, max_size=6).filter(str.strip)


@given(
    pairs=st.lists(
        st.tuples(NAMES, NAMES), max_size=6, unique_by=lambda p: maps.key_of(p[0])
    ),
    policy=st.sampled_from([Policy.BLOCK, Policy.PASS_THROUGH]),
)
def test_a_document_reads_back_as_the_map_it_was_made_of(
    pairs: list[tuple[str, str]], policy: Policy
) -> None:
    rows = [Row(source.strip(), target.strip()) for source, target in pairs]
    made = ValueMap.of(rows, policy)
    assert maps.value_map(made.to_document(), maps.SKUS) == made


# -- shipping methods ----------------------------------------------------------

METHODS = MethodMap.from_document(
    {
        "rows": [
            {"from": "Ground", "carrier": "ups", "method": "intl", "countries": ["ca"]},
            {
                "from": "Ground",
                "carrier": "usps",
                "method": "light",
                "max_weight": 1,
                "countries": ["US"],
            },
            {
                "from": "Ground",
                "carrier": "ups",
                "method": "west",
                "warehouses": ["NV"],
                "countries": ["US"],
            },
            {
                "from": "Ground",
                "carrier": "ups",
                "method": "ground",
                "countries": ["US"],
            },
            {"from": "Freight", "carrier": "xpo", "method": "ltl", "min_weight": "150"},
        ]
    }
)


@pytest.mark.parametrize(
    ("parcel", "method"),
    [
        pytest.param(Parcel("CA"), "intl", id="country"),
        pytest.param(Parcel("us", Decimal(1)), "light", id="light enough"),
        pytest.param(Parcel("US", Decimal("1.1")), "ground", id="too heavy"),
        pytest.param(Parcel("US", None), "ground", id="weight unknown"),
        pytest.param(Parcel("US", Decimal(5), "NV"), "west", id="warehouse"),
        pytest.param(Parcel("US", Decimal(5), "NJ"), "ground", id="other warehouse"),
    ],
)
def test_the_first_row_that_is_valid_gives_the_method(
    parcel: Parcel, method: str
) -> None:
    found = METHODS.look_up("ground", parcel).method
    assert found is not None
    assert found.method == method


def test_a_listed_method_that_is_not_valid_says_why_row_by_row() -> None:
    assert METHODS.look_up("Ground", Parcel("DE")).refusals == (
        "only to CA",
        "only to US",
        "only to US",
        "only to US",
    )
    assert METHODS.look_up("Freight", Parcel("US", Decimal(3))).refusals == (
        "from weight 150 on; this weighs 3",
    )


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param({"policy": "block"}, None, id="block"),
        pytest.param({}, None, id="blocks unless told otherwise"),
        pytest.param(
            {"policy": "default", "default": {"method": "cheapest"}},
            "cheapest",
            id="default",
        ),
        pytest.param({"policy": "pass_through"}, "Camel", id="pass through"),
    ],
)
def test_an_unlisted_method_follows_the_policy(
    policy: Any, expected: str | None
) -> None:
    found = MethodMap.from_document({"rows": [], **policy}).find(" Camel ")
    assert (found.method if found else None) == expected


def test_no_policy_lets_a_listed_method_pass_where_it_is_not_valid() -> None:
    document = {**METHODS.to_document(), "policy": "pass_through"}
    assert MethodMap.from_document(document).find("Ground", Parcel("DE")) is None


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"from": "A"}], "Row 1 needs a carrier and a method"),
        ([{"from": "", "method": "x"}], "Row 1: What is mapped is empty"),
        (
            [{"from": "A", "method": "x", "countries": ["USA"]}],
            "“USA” is not a two-let",
        ),
        ([{"from": "A", "method": "x", "min_weight": "heavy"}], "number of 0 or more"),
        ([{"from": "A", "method": "x", "min_weight": 2, "max_weight": 1}], "above the"),
        (
            [{"from": "A", "method": "x"}, {"from": "a", "method": "y"}],
            "row 1 takes every “a” already",
        ),
    ],
)
def test_a_method_row_that_cannot_be_says_why(rows: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        MethodMap.from_document({"rows": rows})


def test_the_methods_read_back_as_they_were_written() -> None:
    assert MethodMap.from_document(METHODS.to_document()) == METHODS


# -- in an export --------------------------------------------------------------


def plan(record: Any = GOOD, **terms: Any) -> Any:
    return plan_export(
        record,
        ExportTerms(
            key="K",
            shop_name="s",
            tags=("own",),
            methods=MethodMap.from_document({"Ground": {"method": "g"}}),
            **terms,
        ),
    )


def test_an_alias_stands_on_the_line_that_goes_out() -> None:
    aliases = ValueMap.of([Row(str(GOOD_LINE.sku), "WMS-1")])
    assert [line.sku for line in plan(skus=aliases).wanted.lines] == ["WMS-1"]


def test_every_unmapped_value_of_an_order_is_told_in_one_pass() -> None:
    record = replace(
        GOOD,
        shipping_method="Camel",
        extra=(("tags", "VIP; internal ;"),),
        lines=(GOOD_LINE, replace(GOOD_LINE, salesforce_id="2", sku="X-9")),
    )
    blocked = plan(
        record,
        skus=ValueMap.of([], Policy.BLOCK),
        tag_map=ValueMap.of([Row("internal", "")], Policy.BLOCK),
        goods=Goods(known=frozenset({str(GOOD_LINE.sku)})),
    )
    assert blocked.wanted is None
    assert [(one.code, one.value) for one in blocked.problems] == [
        ("sku.unmapped", "X-9"),
        ("tag.unmapped", "VIP"),
        ("method.unmapped", "Camel"),
    ]


def test_source_tags_go_out_under_the_warehouses_names() -> None:
    record = replace(GOOD, extra=(("tags", "VIP;internal;fragile"),))
    tags = ValueMap.of([Row("vip", "vip-customer"), Row("internal", "")])
    assert plan(record, tag_map=tags).wanted.tags == ("own", "vip-customer", "fragile")


def test_an_orders_weight_is_that_of_all_its_lines_or_unknown() -> None:
    by_weight = MethodMap.from_document(
        {
            "rows": [
                {"from": "Ground", "method": "heavy", "min_weight": 3},
                {"from": "Ground", "method": "unweighed"},
            ]
        }
    )
    record = replace(GOOD, lines=(replace(GOOD_LINE, quantity=Decimal(3)),))
    terms = {"key": "K", "shop_name": "s", "tags": (), "methods": by_weight}
    weighed = Goods(weights={str(GOOD_LINE.sku): Decimal(1)})

    known = plan_export(record, ExportTerms(**terms, goods=weighed))
    unknown = plan_export(record, ExportTerms(**terms))

    assert known.wanted is not None
    assert known.wanted.method == "heavy"
    assert unknown.wanted is not None
    assert unknown.wanted.method == "unweighed"
