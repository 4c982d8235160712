"""When to try again."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import retry

jitters = st.floats(min_value=0, max_value=1, exclude_max=True)
tables = st.lists(
    st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=1)),
    min_size=1,
    max_size=10,
)


@pytest.mark.parametrize(
    ("attempts", "jitter", "wait"),
    [
        pytest.param(1, 0.0, timedelta(seconds=2.5), id="first, least"),
        pytest.param(1, 0.5, timedelta(seconds=3.75), id="first, middle"),
        pytest.param(3, 0.0, timedelta(minutes=1), id="third, least"),
        pytest.param(8, 0.5, timedelta(hours=9), id="last, middle"),
        pytest.param(9, 0.0, None, id="spent"),
        pytest.param(10_000, 0.0, None, id="long spent"),
    ],
)
def test_wait(attempts: int, jitter: float, wait: timedelta | None) -> None:
    assert retry.next_wait(attempts, jitter=jitter) == wait


@given(st.data(), tables, jitters)
def test_a_wait_lies_between_half_the_entry_and_the_entry(
    data: st.DataObject, table: list[timedelta], jitter: float
) -> None:
    attempts = data.draw(st.integers(1, len(table)))

    wait = retry.next_wait(attempts, jitter=jitter, table=table)

    assert wait is not None
    assert table[attempts - 1] / 2 - timedelta(microseconds=1) <= wait
    assert wait <= table[attempts - 1]


@given(tables, jitters, st.integers(min_value=1))
def test_a_spent_table_parks(table: list[timedelta], jitter: float, more: int) -> None:
    assert retry.next_wait(len(table) + more, jitter=jitter, table=table) is None


@given(st.integers(max_value=0), jitters)
def test_attempts_count_from_one(attempts: int, jitter: float) -> None:
    with pytest.raises(ValueError, match="counts from 1"):
        retry.next_wait(attempts, jitter=jitter)


def test_waits_grow() -> None:
    assert all(one < next_one for one, next_one in pairwise(retry.BACKOFF))
