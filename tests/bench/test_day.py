"""The scripted day as a test: a few dozen orders always, five hundred when asked."""

from __future__ import annotations

import pytest

from tests.bench.scripted_day import EDITS, MODES, STAGES, live_a_day
from tests.town import Town

EVERY_CASE_ONCE = len(STAGES) * len(EDITS)


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch, settings: object) -> Town:
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"
    settings.SHIPSYNC_SANDBOX = True
    return Town(monkeypatch)


WHOLE = [pytest.mark.bench, pytest.mark.timeout(3600)]


@pytest.mark.parametrize(
    ("mode", "orders"),
    [
        # Every kind of edit at every stage, each once: the promise of the deltas.
        pytest.param("hold", EVERY_CASE_ONCE, marks=pytest.mark.chaos),
        pytest.param("quarantine", EVERY_CASE_ONCE, marks=pytest.mark.bench),
        *(pytest.param(mode, 500, marks=WHOLE) for mode in sorted(MODES)),
    ],
)
def test_every_order_ends_as_salesforce_says_and_nothing_is_sent_twice(
    town: Town, mode: str, orders: int
) -> None:
    day = live_a_day(town, mode=mode, orders=orders)

    assert day.wrong == []
    assert day.needless == []
    assert day.edit_calls < day.resend_calls
    assert day.edit_credits < day.resend_credits
