"""Whether an order is to stand in a warehouse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders.eligibility import EligibilityRule, Verdict, Why, Wish, judge
from orders.records import MISSING, LineRecord, OrderRecord, OrderStage

LIVE = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
ORDER = OrderRecord(
    salesforce_id="801A",
    order_number="00000100",
    stage=OrderStage.ACTIVATED,
    status="Activated",
    modified_at=LIVE,
)
RULE = EligibilityRule()


def verdict(rule: EligibilityRule = RULE, **values: Any) -> Verdict:
    """`values` that are no field of the order go to `judge`."""
    known = {name: values.pop(name) for name in list(values) if hasattr(ORDER, name)}
    activated = known.pop("activated_at", LIVE)
    terms = {"activated_at": activated, "export_from": LIVE, **values}
    return judge(replace(ORDER, **known), rule, **terms)


def lines(*quantities: int) -> tuple[LineRecord, ...]:
    return tuple(
        LineRecord(f"802{at}", str(at), "MUG", Decimal(quantity))
        for at, quantity in enumerate(quantities)
    )


@pytest.mark.parametrize(
    ("values", "wish", "reason"),
    [
        pytest.param({}, Wish.SHIP, "Activated.", id="activated"),
        pytest.param(
            {"stage": OrderStage.DRAFT, "status": "Draft"},
            Wish.HOLD,
            "It is not activated.",
            id="draft",
        ),
        pytest.param(
            {"stage": OrderStage.SUPERSEDED},
            Wish.NOTHING,
            "It was superseded by another order.",
            id="superseded",
        ),
        pytest.param(
            {"is_deleted": True}, Wish.HOLD, "Deleted in Salesforce.", id="deleted"
        ),
        pytest.param(
            {"is_reduction": True},
            Wish.NOTHING,
            "It is a reduction order.",
            id="reduction",
        ),
        pytest.param(
            {"is_reduction": MISSING}, Wish.SHIP, "Activated.", id="not known"
        ),
        pytest.param(
            {"is_reduction": MISSING, "lines": lines(-1, -2)},
            Wish.NOTHING,
            "It is a reduction order.",
            id="not known, but every line takes away",
        ),
        pytest.param(
            {"is_reduction": MISSING, "lines": lines(1, -2)},
            Wish.SHIP,
            "Activated.",
            id="not known, one line takes away",
        ),
        pytest.param(
            {"is_reduction": False, "lines": lines(-1)},
            Wish.SHIP,
            "Activated.",
            id="no reduction, whatever its lines",
        ),
        pytest.param(
            {"status": "Cancelled"},
            Wish.CANCEL,
            "Its status is “Cancelled”.",
            id="canceled, the British way",
        ),
        pytest.param(
            {"status": "CANCELED", "stage": OrderStage.DRAFT},
            Wish.CANCEL,
            "Its status is “CANCELED”.",
            id="canceled in the draft category",
        ),
        pytest.param(
            {"handled_outside": True},
            Wish.NOTHING,
            "Handled outside ShipSync.",
            id="handled outside",
        ),
        pytest.param(
            {"handled_outside": True, "status": "Canceled"},
            Wish.NOTHING,
            "Handled outside ShipSync.",
            id="handled outside, then canceled",
        ),
        pytest.param(
            {"activated_at": LIVE - timedelta(seconds=1)},
            Wish.NOTHING,
            "Excluded: before go-live.",
            id="a second before go-live",
        ),
        pytest.param({"activated_at": LIVE}, Wish.SHIP, "Activated.", id="at go-live"),
        pytest.param(
            {"activated_at": LIVE - timedelta(days=9), "include_anyway": True},
            Wish.SHIP,
            "Activated.",
            id="included by a person",
        ),
        pytest.param(
            {"export_from": None},
            Wish.NOTHING,
            "Excluded: before go-live.",
            id="not live yet",
        ),
        pytest.param(
            {"activated_at": None},
            Wish.NOTHING,
            "Excluded: before go-live.",
            id="not known when activated",
        ),
        pytest.param(
            {"activated_at": LIVE - timedelta(days=1), "status": "Canceled"},
            Wish.CANCEL,
            "Its status is “Canceled”.",
            id="a cancel is never excluded",
        ),
    ],
)
def test_what_the_source_wants(values: dict[str, Any], wish: Wish, reason: str) -> None:
    found = verdict(**values)

    assert (found.wish, found.reason) == (wish, reason)
    assert found.is_eligible == (wish is Wish.SHIP)


@pytest.mark.parametrize(
    ("rule", "values", "wish"),
    [
        pytest.param(
            EligibilityRule(statuses=("Released",)), {}, Wish.NOTHING, id="other status"
        ),
        pytest.param(
            EligibilityRule(statuses=("released",)),
            {"status": "Released"},
            Wish.SHIP,
            id="status, whatever its case",
        ),
        pytest.param(
            EligibilityRule(record_types=("Retail",)),
            {"record_type": "Wholesale"},
            Wish.NOTHING,
            id="other record type",
        ),
        pytest.param(
            EligibilityRule(record_types=("Retail",)),
            {"record_type": MISSING},
            Wish.NOTHING,
            id="record type not readable",
        ),
        pytest.param(
            EligibilityRule(record_types=("Retail",)),
            {"record_type": "RETAIL"},
            Wish.SHIP,
            id="that record type",
        ),
        pytest.param(
            EligibilityRule(cancel_statuses=("Storno",)),
            {"status": "storno"},
            Wish.CANCEL,
            id="own word for cancel",
        ),
        pytest.param(
            EligibilityRule(cancel_statuses=()),
            {"status": "Canceled"},
            Wish.SHIP,
            id="no word for cancel",
        ),
    ],
)
def test_the_rule_of_an_organization(
    rule: EligibilityRule, values: dict[str, Any], wish: Wish
) -> None:
    assert verdict(rule, **values).wish is wish


PO = replace(ORDER, po_number="House", extra=(("channel", "Web"),))


@pytest.mark.parametrize(
    ("field", "test", "values", "holds"),
    [
        ("po_number", "is", ("house", "x"), True),
        ("po_number", "is", ("x",), False),
        ("po_number", "is_not", ("HOUSE",), False),
        ("po_number", "is_not", ("x",), True),
        ("po_number", "is_empty", (), False),
        ("po_number", "is_not_empty", (), True),
        ("extra.channel", "is", ("web",), True),
        ("extra.other", "is_empty", (), False),
        ("brand", "is_not", ("x",), False),
    ],
)
def test_a_condition_holds_or_says_why_not(
    field: str, test: str, values: tuple[str, ...], holds: bool
) -> None:
    row = {"field": field, "test": test, "values": list(values)}
    rule = EligibilityRule.from_document({"conditions": [row]})

    found = judge(PO, rule, activated_at=LIVE, export_from=LIVE)

    assert found.is_eligible == holds
    assert holds or (found.why, found.reason[-1]) == (Why.CONDITION, ".")


class TestDocument:
    def test_of_nothing_is_the_default_rule(self) -> None:
        assert EligibilityRule.from_document({}) == RULE

    def test_is_read(self) -> None:
        rule = EligibilityRule.from_document({"statuses": ["Released", "Rush"]})

        assert rule.statuses == ("Released", "Rush")
        assert rule.cancel_statuses == RULE.cancel_statuses

    @pytest.mark.parametrize(
        ("document", "words"),
        [
            pytest.param({"statusses": []}, "Unknown entries: statusses", id="typo"),
            pytest.param({"statuses": "Released"}, "must be a list", id="a text"),
            pytest.param({"record_types": [1]}, "must be a list", id="numbers"),
            pytest.param({"conditions": {}}, "must be a list", id="no list"),
            pytest.param({"conditions": [1]}, "is made of", id="no condition"),
            pytest.param(
                {"conditions": [{"field": "lines", "test": "is"}]},
                "cannot look at “lines”",
                id="a field that is no text",
            ),
            pytest.param(
                {"conditions": [{"field": "brand", "test": "like"}]},
                "no test “like”",
                id="an unknown test",
            ),
            pytest.param(
                {"conditions": [{"field": "brand", "test": "is"}]},
                "needs values",
                id="nothing to be",
            ),
        ],
    )
    def test_that_cannot_be_read_is_refused_in_words(
        self, document: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(ValueError, match=words):
            EligibilityRule.from_document(document)
