from __future__ import annotations

import string
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.salesforce.refusals import SoqlError
from connectors.sandbox.salesforce.soql import RESERVED, parse
from connectors.sandbox.salesforce.soql_tree import (
    Compare,
    Condition,
    DateWord,
    FieldSet,
    Junction,
    Not,
    Path,
    Select,
    Sort,
    Value,
    Within,
)


class TestParse:
    def test_reads_every_clause(self):
        query = (
            "SELECT Id, o.Account.Name, (SELECT Id FROM OrderItems) FROM Order o "
            "WHERE Status = 'Draft' AND (Name LIKE 'A%' OR NOT PoNumber IN ('1', null)) "
            "ORDER BY Name DESC NULLS LAST, Id LIMIT 5 OFFSET 2"
        )

        select = parse(query)

        assert select.source == "Order"
        assert select.alias == "o"
        assert [str(column) for column in select.columns[:2]] == [
            "Id",
            "o.Account.Name",
        ]
        assert select.columns[2] == Select((Path(("Id",)),), "OrderItems")
        assert select.order == (
            Sort(Path(("Name",)), descending=True, nulls_last=True),
            Sort(Path(("Id",))),
        )
        assert (select.limit, select.offset) == (5, 2)

    @pytest.mark.parametrize(
        ("literal", "value"),
        [
            ("'it\\'s\\n'", "it's\n"),
            ("-2.5", -2.5),
            ("7", 7),
            ("TRUE", True),
            ("null", None),
            ("2026-01-05", date(2026, 1, 5)),
            ("2026-01-05T10:00:00+01:00", datetime(2026, 1, 5, 9, tzinfo=UTC)),
            ("2026-01-05T09:00:00.999Z", datetime(2026, 1, 5, 9, tzinfo=UTC)),
            ("last_n_days:3", DateWord("LAST_N_DAYS", 3)),
            ("TODAY", DateWord("TODAY")),
        ],
    )
    def test_reads_literals(self, literal, value):
        where = parse("SELECT Id FROM Order WHERE Name = ?".replace("?", literal)).where

        assert where == Compare(Path(("Name",)), "=", value)

    def test_reads_count(self):
        assert parse("select count() from Order").is_count

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "SELECT",
            "SELECT FROM Order",
            "SELECT * FROM Order",
            "SELECT Id, FROM Order",
            "SELECT Id FROM Order WHERE",
            'SELECT Id FROM Order WHERE Name = "x"',
            "SELECT Id FROM Order WHERE Name = 'x",
            "SELECT Id FROM Order WHERE Name = 'a\\q'",
            "SELECT Id FROM Order WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
            "SELECT Id FROM Order WHERE Name IN ()",
            "SELECT Id FROM Order WHERE Name LIKE 3",
            "SELECT Id FROM Order WHERE Name = LAST_N_DAYS",
            "SELECT Id FROM Order WHERE Name = 2026-13-01",
            "SELECT Id FROM Order WHERE Name = 0001-01-01T00:00:00+14:00",
            "SELECT Id FROM Order ORDER BY",
            "SELECT Id FROM Order LIMIT -1",
            "SELECT Id FROM Order LIMIT 1.5",
            "SELECT Id FROM Order GROUP BY Name",
            "SELECT Id FROM Order; DELETE",
            "SELECT Id FROM Order WHERE " + "(" * 200 + "Name = 'x'" + ")" * 200,
            "SELECT Id FROM Order WHERE " + "NOT " * 2000 + "Name = 'x'",
        ],
    )
    def test_refuses_what_it_cannot_read(self, query):
        with pytest.raises(SoqlError) as caught:
            parse(query)

        assert caught.value.code == "MALFORMED_QUERY"

    def test_refuses_a_large_offset(self):
        with pytest.raises(SoqlError) as caught:
            parse("SELECT Id FROM Order OFFSET 2001")

        assert caught.value.code == "NUMBER_OUTSIDE_VALID_RANGE"

    def test_points_at_the_culprit(self):
        with pytest.raises(SoqlError) as caught:
            parse("SELECT Id FROM Order WHERE Name ~ 'x'")

        assert "ERROR at Row:1:Column:33" in caught.value.message


names = st.from_regex(r"[A-Z][a-z]{0,5}(__c)?", fullmatch=True).filter(
    lambda name: name.upper() not in RESERVED | {"COUNT", "FIELDS", "AS", "NULL"}
)
paths = st.lists(names, min_size=1, max_size=3).map(lambda parts: Path(tuple(parts)))
texts = st.text(st.sampled_from(string.ascii_letters + "'\\\n\t %é"), max_size=12)
moments = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
values: st.SearchStrategy[Value] = st.one_of(
    texts.map(lambda text: text.replace("%", "")),
    st.integers(-(10**9), 10**9),
    st.decimals(-1000, 1000, places=2).map(float),
    st.booleans(),
    st.none(),
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    moments,
    st.sampled_from([DateWord("TODAY"), DateWord("LAST_N_DAYS", 3)]),
)


def conditions(selects: st.SearchStrategy[Select]) -> st.SearchStrategy[Condition]:
    leaves = st.one_of(
        st.builds(
            Compare, paths, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), values
        ),
        st.builds(
            Compare, paths, st.just("LIKE"), texts.map(lambda one: one.strip("%"))
        ),
        st.builds(
            Within,
            paths,
            st.booleans(),
            st.one_of(st.lists(values, min_size=1, max_size=3).map(tuple), selects),
        ),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(
                Junction,
                st.sampled_from(["AND", "OR"]),
                st.lists(inner, min_size=2, max_size=3).map(tuple),
            ),
        ),
        max_leaves=5,
    )


plain = st.builds(Select, st.lists(paths, min_size=1, max_size=2).map(tuple), names)
selects = st.builds(
    Select,
    st.lists(
        st.one_of(paths, plain, st.sampled_from([FieldSet("ALL"), FieldSet("CUSTOM")])),
        max_size=3,
    ).map(tuple),
    st.one_of(names, st.just("Order")),
    st.one_of(st.just(""), names),
    st.one_of(st.none(), conditions(plain)),
    st.lists(
        st.builds(Sort, paths, st.booleans(), st.sampled_from([None, True, False])),
        max_size=2,
    ).map(tuple),
    st.one_of(st.none(), st.integers(0, 5000)),
    st.integers(0, 2000),
)


def written(select: Select) -> str:
    """The query as text, with every choice spelled out."""
    columns = [
        f"({written(one)})"
        if isinstance(one, Select)
        else (f"FIELDS({one.word})" if isinstance(one, FieldSet) else str(one))
        for one in select.columns
    ]
    parts = ["SELECT", ", ".join(columns) or "COUNT()", "FROM", select.source]
    parts.append(select.alias)
    if select.where is not None:
        parts.append(f"WHERE {written_condition(select.where)}")
    if select.order:
        parts.append(
            "ORDER BY " + ", ".join(written_sort(sort) for sort in select.order)
        )
    if select.limit is not None:
        parts.append(f"LIMIT {select.limit}")
    return " ".join([*parts, f"OFFSET {select.offset}"])


def written_sort(sort: Sort) -> str:
    nulls = {None: "", True: " NULLS LAST", False: " NULLS FIRST"}[sort.nulls_last]
    return f"{sort.path} {'DESC' if sort.descending else 'ASC'}{nulls}"


def written_condition(condition: Condition) -> str:
    if isinstance(condition, Not):
        return f"NOT ({written_condition(condition.condition)})"
    if isinstance(condition, Junction):
        inner = [f"({written_condition(one)})" for one in condition.conditions]
        return f" {condition.word} ".join(inner)
    if isinstance(condition, Within):
        members = (
            written(condition.values)
            if isinstance(condition.values, Select)
            else ", ".join(written_value(value) for value in condition.values)
        )
        return f"{condition.path} {'NOT ' if condition.negated else ''}IN ({members})"
    return f"{condition.path} {condition.operator} {written_value(condition.value)}"


def written_value(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return str(value).replace("None", "null").lower()
    if isinstance(value, DateWord):
        return value.word + (f":{value.count}" if value.count else "")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
        return f"'{escaped}'"
    return str(value)


class TestProperties:
    @given(selects)
    def test_reads_back_what_was_written(self, select):
        assert parse(written(select)) == select

    @given(st.text(max_size=80))
    def test_noise_raises_nothing_but_a_soql_error(self, noise):
        parse_or_refuse(noise)

    @given(selects, st.data())
    def test_a_damaged_query_raises_nothing_but_a_soql_error(self, select, data):
        query = written(select)
        start = data.draw(st.integers(0, len(query)))
        end = data.draw(st.integers(start, len(query)))
        noise = data.draw(st.text(max_size=5))

        parse_or_refuse(query[:start] + noise + query[end:])


def parse_or_refuse(query: str) -> None:
    with suppress(SoqlError):
        parse(query)
