"""What an account's choice of checks may say."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import catalogue
from orders.checks import CHOICES, Checks, Severity


def test_nothing_said_is_the_default() -> None:
    checks = Checks.from_document({})

    assert checks == Checks()
    assert checks.severity("address.po_box") is Severity.BLOCK
    assert checks.severity("quantity.fraction") is Severity.BLOCK


@pytest.mark.parametrize("code", CHOICES)
def test_each_code_can_be_chosen_and_is_explained(code: str) -> None:
    for level in Severity:
        checks = Checks.from_document({"severities": {code: level.value}})
        assert checks.severity(code) is level
    assert catalogue.entry(code).fix


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param([], "must be an object", id="no object"),
        pytest.param({"severity": {}}, "Unknown entries: severity", id="typo"),
        pytest.param({"severities": []}, "must be an object", id="a list"),
        pytest.param(
            {"severities": {"quantity.fraction": "warn"}},
            "“quantity.fraction” cannot be chosen",
            id="what could not be sent",
        ),
        pytest.param(
            {"severities": {"email.invalid": "shout"}}, "block, warn or off", id="level"
        ),
        pytest.param({"line_length": -1}, "whole number from 0 to 255", id="below"),
        pytest.param({"line_length": True}, "whole number", id="no number"),
        pytest.param({"most_lines": 10_001}, "to 10000", id="above"),
        pytest.param({"no_po_box": "ups"}, "list of carriers", id="a text"),
        pytest.param({"no_po_box": [1]}, "list of carriers", id="a number"),
        pytest.param({"split_brands": "yes"}, "true or false", id="neither yes nor no"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(document: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Checks.from_document(document)


def test_an_order_that_is_parted_by_brand_is_never_mixed() -> None:
    document = {"split_brands": True, "severities": {"brand.mixed": "block"}}

    assert Checks.from_document(document).severity("brand.mixed") is Severity.OFF


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"severities": {"address.po_box": "off", "email.missing": "warn"}},
        {"line_length": 0, "most_lines": 1, "split_brands": True, "no_po_box": []},
    ],
)
def test_a_document_is_written_as_it_was_read(document: dict[str, Any]) -> None:
    assert Checks.from_document(document).to_document() == document


def test_what_is_the_default_anyway_is_not_written() -> None:
    checks = Checks(
        severities=dict(CHOICES), no_po_box=("ups", "ontrac", "fedex", "dhl", "amazon")
    )

    assert checks.to_document() == {}
