"""What differs between two documents, entry by entry."""

from __future__ import annotations

from connectors.config_diff import Difference, differences


def row(name: str, **more: object) -> dict[str, object]:
    return {"from": name, **more}


def test_equal_documents_differ_in_nothing():
    assert differences({"rows": [row("A", to="B")]}, {"rows": [row("A", to="B")]}) == []


def test_rows_are_matched_by_what_names_them():
    before = {"rows": [row("A", to="1"), row("B", to="2")]}
    after = {"rows": [row("B", to="3"), row("C", to="4")]}

    assert differences(before, after) == [
        Difference("rows / A", "from: A, to: 1", ""),
        Difference("rows / B / to", "2", "3"),
        Difference("rows / C", "", "from: C, to: 4"),
    ]


def test_another_order_of_the_same_rules_is_a_difference():
    before = {"rules": [{"name": "West"}, {"name": "Rest"}]}
    after = {"rules": [{"name": "Rest"}, {"name": "West"}]}

    assert differences(before, after) == [
        Difference("rules / order", "West, Rest", "Rest, West")
    ]


def test_entries_that_stand_twice_are_compared_as_a_whole():
    before = {"fields": [{"field": "zip"}, {"field": "zip"}]}

    (found,) = differences(before, {"fields": [{"field": "zip"}]})

    assert found.where == "fields"


def test_nothing_is_told_from_empty_and_true_from_one():
    assert differences({"a": ""}, {}) == [Difference("a", "“”", "")]
    assert differences({"a": 1}, {"a": True}) == [Difference("a", "1", "true")]
