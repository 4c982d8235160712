"""Which sets of rules cannot be read, and why."""

from __future__ import annotations

from typing import Any

import pytest

from orders.routing_rules import RuleSet


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"rules": {}}, "must be a list"),
        ({"rules": [{}]}, "Rule 1 needs a name"),
        ({"rules": [{"name": "A"}]}, "Rule 1 names no warehouse"),
        ({"rules": [{"name": "A", "warehouses": ["x"], "split": 0}]}, "of 1 or more"),
        (
            {"rules": [{"name": "A", "warehouses": ["x"], "pick": "far"}]},
            "must be one of",
        ),
        ({"rules": [{"name": "A", "warehouses": ["x"], "when": {"moon": []}}]}, "moon"),
        (
            {
                "rules": [
                    {
                        "name": "A",
                        "warehouses": ["x"],
                        "when": {"min_units": 3, "max_units": 2},
                    }
                ]
            },
            "least of units is above",
        ),
        (
            {"rules": [{"name": "A", "warehouses": ["x"], "when": {"zips": ["9*1"]}}]},
            "at the end only",
        ),
        (
            {
                "rules": [
                    {"name": "A", "warehouses": ["x"]},
                    {"name": "a", "warehouses": ["x"]},
                ]
            },
            "two rules named",
        ),
        ({"rest": "guess"}, "must be one of: shiphero, wait"),
    ],
)
def test_a_set_of_rules_that_cannot_be_read_says_why(document: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        RuleSet.from_document(document)
