import pytest

from connectors.shiphero.documents import document
from connectors.shiphero.throttle import cost_of, page_size, quota_of

ANSWER = {
    "data": {},
    "extensions": {
        "throttling": {
            "estimated_complexity": 16,
            "cost": 2,
            "user_quota": {
                "credits_remaining": 9999,
                "max_available": 10001,
                "increment_rate": 600,
            },
        }
    },
}


def test_the_quota_and_the_cost_are_read_from_the_extensions():
    assert quota_of(ANSWER) == (9999, 10001, 600)
    assert cost_of(ANSWER) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"extensions": None},
        {"extensions": {"throttling": []}},
        {"extensions": {"throttling": {"user_quota": {"credits_remaining": "x"}}}},
    ],
)
def test_odd_extensions_teach_nothing(body):
    assert quota_of(body) is None
    assert cost_of(body) is None


@pytest.mark.parametrize("capacity", [1001, 2002, 4004, 10001])
def test_a_page_stays_under_a_quarter_of_the_bucket(capacity):
    one = {"first": 1, "lines": 20, "shipped": 20, "ids": []}
    per_row = document("orders_read").estimate(one) - 1
    rows = page_size(capacity, per_row)

    estimate = document("orders_read").estimate({**one, "first": rows})

    assert 1 <= rows <= 100
    assert estimate <= capacity / 4


def test_a_page_has_at_least_one_row_and_at_most_a_hundred():
    assert page_size(100, 500) == 1
    assert page_size(100_000, 1) == 100
