"""Maps as pasted or uploaded tables: errors per row, merging, and giving them out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import maps
from orders.map_files import (
    FORMULA,
    METHOD_COLUMNS,
    VALUE_COLUMNS,
    close_matches,
    decoded,
    merged,
    read_methods,
    read_values,
    written,
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("OLD,NEW\nA,B", id="commas"),
        pytest.param("OLD\tNEW\nA\tB\n", id="pasted from a sheet"),
        pytest.param("from;to\nOLD;NEW\n\nA;B", id="semicolons, heading, empty line"),
        pytest.param("to,from\nNEW,OLD\nB,A", id="columns turned round"),
        pytest.param('﻿"OLD","NEW"\r\n"A","B"\r\n', id="quoted, with a mark"),
    ],
)
def test_rows_are_read_however_their_cells_are_parted(text: str) -> None:
    read = read_values(text, maps.SKUS)
    assert read.faults == ()
    assert [(row["from"], row["to"]) for row in read.rows] == [
        ("OLD", "NEW"),
        ("A", "B"),
    ]


def test_each_bad_line_is_told_and_the_good_ones_are_read() -> None:
    read = read_values("A,B\n,C\nD,\na,E\nF,G,note,more\nH,I", maps.SKUS)
    assert [row["from"] for row in read.rows] == ["A", "H"]
    assert [(one.line, one.words) for one in read.faults] == [
        (2, "What is mapped is empty."),
        (3, "“D” is mapped to nothing."),
        (4, "“a” stands in line 1 already."),
        (5, "It has more cells than columns."),
    ]


def test_a_weight_that_is_none_is_told() -> None:
    read = read_values("A,1.5\nB,heavy", maps.WEIGHTS)
    assert [row["to"] for row in read.rows] == ["1.5"]
    assert read.faults[0].words == "“heavy” is not a number of 0 or more."


def test_methods_are_read_with_their_conditions() -> None:
    read = read_methods("Ground,ups,ground,UPS Ground,US|CA,,70,\nAir,,,,,,,")
    assert read.rows == (
        {
            "from": "Ground",
            "carrier": "ups",
            "method": "ground",
            "title": "UPS Ground",
            "countries": ["CA", "US"],
            "max_weight": "70",
        },
    )
    assert read.faults[0].words == "It needs a carrier and a method."


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Ä,B".encode(), "Ä,B"),
        ("Ä,B".encode("utf-8-sig"), "Ä,B"),
        ("Ä,B".encode("utf-16"), "Ä,B"),
    ],
)
def test_a_file_is_read_in_the_ways_spreadsheets_save_it(
    body: bytes, text: str
) -> None:
    assert decoded(body) == text


def test_a_file_that_is_not_unicode_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="CSV UTF-8"):
        decoded("Ä".encode("cp1252"))


def rows(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"from": source, "to": target} for source, target in pairs]


def test_merging_keeps_what_the_text_does_not_name_and_replacing_does_not() -> None:
    before = rows(("A", "1"), ("B", "2"), ("C", "3"))
    news = rows(("b", "9"), ("C", "3"), ("D", "4"))
    added = merged(before, news, replaces=False)
    assert [(row["from"], row["to"]) for row in added.rows] == [
        ("A", "1"),
        ("b", "9"),
        ("C", "3"),
        ("D", "4"),
    ]
    assert (added.added, added.changed, added.removed, added.same) == (1, 1, 0, 2)
    replaced = merged(before, news, replaces=True)
    assert [row["from"] for row in replaced.rows] == ["b", "C", "D"]
    assert replaced.removed == 1


CELL = (
    st.text("ab=+-@';,\"\t xyz", min_size=1, max_size=6)
    .map(str.strip)
    .filter(lambda text: text and not (text[0] == "'" and text[1:2] in FORMULA))
)


@given(
    st.lists(
        st.tuples(CELL, CELL), max_size=6, unique_by=lambda pair: maps.key_of(pair[0])
    )
)
def test_what_is_given_out_reads_back_and_runs_no_formula(
    pairs: list[tuple[str, str]],
) -> None:
    made = rows(*pairs)
    text = written(made, VALUE_COLUMNS)
    assert list(read_values(text, maps.SKUS).rows) == made
    assert not any(line.startswith(("=", "+", "-", "@")) for line in text.splitlines())


def test_a_heading_says_what_parts_the_cells_whatever_the_cells_are() -> None:
    made = rows((";", ";;;"))
    assert list(read_values(written(made, VALUE_COLUMNS), maps.SKUS).rows) == made


def test_methods_given_out_read_back() -> None:
    read = read_methods("Ground,ups,ground,UPS Ground,US|CA,1,70,NV|NJ")
    assert read_methods(written(read.rows, METHOD_COLUMNS)).rows == read.rows


def test_close_matches_put_what_differs_in_case_and_dashes_first() -> None:
    known = ["MUG-RED-11", "MUG-RED-12", "TEE-S", "mugred11x"]
    assert close_matches("mug red 11", known)[:2] == ["MUG-RED-11", "mugred11x"]
    assert close_matches("ZZZ", known) == []
